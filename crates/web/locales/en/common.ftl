# Words that more than one face uses.

skip-to-content = Skip to content
copied = Copied
close = Close
cancel = Cancel
save = Save
home = Home
first-page = first page
you = you
name = Name
role = Role
email = E-mail
phone = Phone
username = Username
password = Password
show-password = Show password
none-on-record = None on record
footer-secured = Calls verified with
idle-warning = You will be signed out in one minute.
idle-stay = Stay signed in
menu-label = Your menu
menu-signed-in-as = Signed in as

account = Account
account-name = Account name
account-number = Account number
account-number-copy = Copy account number

pin-name = Support PIN
pin-state-active = Active
pin-state-locked = Locked
pin-state-absent = Not set
pin-state-not-held = No PIN

sign-in = Sign in
sign-out = Sign out
sign-in-wrong = That username and password do not match. Check both and try again.
sign-in-throttled = Too many tries. Wait { $time }, then try again.
time-seconds = { $count ->
    [one] one second
   *[other] { $count } seconds
}
time-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
time-hours = { $count ->
    [one] one hour
   *[other] { $count } hours
}
sign-in-signed-out = You are signed out.
sign-in-signed-out-everywhere = You are signed out on every device.
sign-in-idle = You were signed out because nothing happened for a while.
sign-in-code-late = That took longer than ten minutes, or something changed meanwhile. Sign in again.
sign-in-codes-closed = Too many wrong codes: codes are not accepted any more. Sign in with your password to see what helps.
sign-in-afresh = For this we need you to sign in again.
sign-in-needed = Sign in to go on.

channel = Channel
channel-phone = Phone
channel-chat = Chat
channel-email = E-mail
channel-in-person = In person
channel-phone-menu = Phone menu
channel-program = Program
channel-phone-through = in a phone call
channel-chat-through = in a chat
channel-email-through = by e-mail
channel-in-person-through = in person
channel-phone-menu-through = through the phone menu
channel-program-through = through a connected program

person-role-owner = Owner
person-role-admin = Administrator
person-role-member = Member
person-role-contact = Contact
staff-role-agent = Agent
staff-role-supervisor = Supervisor
staff-role-admin = Administrator
staff-role-auditor = Auditor

news-pin-changed = Your new Support PIN is saved. Use it from your next call on.
news-pin-generated = Your new Support PIN is ready. Press the eye to see it.
news-pin-unlocked = Support PIN unlocked!
news-pin-unlocked-change-now = Support PIN unlocked! The old one does not work any more. Choose a new one here.
news-pin-unlocked-new-pin = Support PIN unlocked! The old one is gone and a new one is in use: press the eye to see it.
news-password-changed = Your new password is saved. Everywhere else you were signed out.
news-unlock-refused = You may not unlock this PIN. The banner says who may.
news-unlock-limit = This PIN met too many wrong tries to be kept. Unlock it with a new PIN instead.
news-not-locked = This PIN is not locked.
news-customers-pin-unlocked = The PIN is unlocked. Ask the customer for it now.
news-customers-pin-renewed = The old PIN is gone. The portal tells the customer how to go on.
news-others-pin-unlocked = The Support PIN is unlocked.
news-others-pin-saved = The new Support PIN is saved. It counts from the next contact on.
news-others-pin-renewed = The old Support PIN is gone. Its holder is told how to go on after signing in.
news-own-conversation = You opened this conversation yourself: somebody else has to unlock or renew its PIN.
news-conversation-ended = The conversation is ended. Nothing stays verified.
news-brand-switched = You now work for this brand.
news-code-on-its-way = The one-time PIN is on its way.
news-code-too-soon = One was sent a moment ago. Wait until half a minute has passed.
news-code-limit = No more one-time PINs are sent here now: a limit for this person, this number, you or the whole brand is reached.
news-code-no-number = It cannot be sent to this person that way. The page says what the customer can do.
news-not-digits = That was not a PIN: use digits only. Nothing was checked, no try was spent.

error-number = Error { $number }
error-reference = If you ask for help, give this reference:
error-home = Go to the first page
error-bad-request-title = We could not read that
error-bad-request-advice = Something in the request is not as it should be. Go back, check what you typed, and send it again.
error-forbidden-title = You may not do that
error-forbidden-advice = Your role does not allow it. Ask an owner or administrator of the account, or a supervisor.
error-not-found-title = There is nothing here
error-not-found-advice = The page does not exist, or it is not yours to see. Check the address, or start from the first page.
error-form-expired-title = This form is too old
error-form-expired-advice = Nothing was changed. Go back, reload the page, and send the form again.
error-too-many-title = Too many requests
error-too-many-advice = Wait a while, then try again. Nothing was changed.
error-too-many-advice-time = Wait { $time }, then try again. Nothing was changed.
error-internal-title = Something broke on our side
error-internal-advice = Nothing you did is the cause, and it has been recorded. Try again in a moment.
error-unavailable-title = Not available just now
error-unavailable-advice = The service is busy or being maintained. Try again in a minute.
sign-in-or = or
sign-in-passkey = Sign in with a passkey
