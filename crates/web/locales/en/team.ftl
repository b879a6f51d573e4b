# The people on an account, inviting them, and phone numbers.

team-lead = The people who sign in or call for this account.
team-invite = Add a person
team-edit = Edit
team-edit-person = Edit { $name }
team-sign-in = Sign-in
team-phone-confirmed = Confirmed
team-phone-unconfirmed = Not confirmed
team-phone-waiting = Receives codes from
team-sign-in-ready = Can sign in
team-sign-in-calls = Only calls
team-sign-in-invited = Invited
team-sign-in-over = Invitation too old
team-sign-in-none = Not invited yet
team-sign-in-off = Switched off
team-second-factor-on = 2FA on
team-second-factor-off = 2FA off

person-back = Team
person-role-save = Save
person-role-explain = The new role counts at once. They are signed out everywhere and sign in again.
person-role-owners-only = Only an owner of the account changes roles.
person-role-yours = Another owner changes yours.
person-invitation = Invitation
person-invitation-none = They have no password yet. The link goes to the address on record and works for seven days.
person-invitation-until = The link that was sent works until
person-invitation-over = The link that was sent is too old.
person-invite = Send the invitation
person-invite-again = Send a new link
person-invite-again-explain = A new link ends the one before.
person-email-missing = No address is on record. Where shall the link go?
person-off-title = Switch off
person-off-explain = They are signed out everywhere at once, links that they were sent end, and support no longer verifies them. Nothing is deleted.
person-off = Switch off this person
person-on-title = Switched off
person-on-explain = They cannot sign in and are not verified. Switched on again, they have the password and the PIN that they had.
person-on = Switch on again
person-phone-change = Change phone number
person-phone-add = Add a phone number
person-phone-confirm = Confirm this number
person-phone-theirs = They add and confirm it themself, under Team.
person-contact-phone-explain = A contact does not sign in, so you keep their number up to date. The number before is told.
person-contact-phone-save = Save

invite-title = Add a person
invite-explain = We mail them a link. With it they choose their own user name and password.
invite-role-owner = Answers for the account: people, roles, settings.
invite-role-admin = Manages people and settings.
invite-role-member = Signs in and calls.
invite-role-contact = Only calls. Gets no link.
invite-email = E-mail address
invite-email-hint = Not needed for a contact.
invite-send = Add
invite-problem-name = Type the name as they would say it on the phone.
invite-problem-role = Choose what they shall be.
invite-problem-email = Type an e-mail address, like name@example.com.
invite-problem-email-missing = The link needs an address to go to.
invite-problem-email-taken = Somebody on this account has this address already.
invite-problem-throttled = That is enough for now. Try again later.

country = Country code
cell-phone = Cell phone
cell-phone-hint = Write it in any way you like: with spaces, slashes or a leading zero.
phone-title = Your phone number
phone-explain = We send a code there to see that it is yours.
phone-wait-explain = { $count ->
    [one] A number that takes another’s place receives no sign-in codes for one hour. The number before and your e-mail address are told at once.
   *[other] A number that takes another’s place receives no sign-in codes for { $count } hours. The number before and your e-mail address are told at once.
}
phone-now = On record
phone-send = Save and send the code
phone-code-title = Type the code
phone-code-sent = We sent six digits by SMS to this number:
phone-code-until = The code works until
phone-code = Code
phone-code-confirm = Confirm
phone-code-again = Send another code
phone-code-other = Use another number
phone-code-left = { $count ->
    [0] No more codes can be sent today.
    [one] One more code can be sent today.
   *[other] { $count } more codes can be sent today.
}
phone-problem-empty = Type the number.
phone-problem-characters = Use digits, spaces and + - / ( ) only.
phone-problem-country = Choose the country, or begin with + and its code.
phone-problem-short = Too short for this country: type the whole number with its area code.
phone-problem-long = Too long for this country: check the digits.
phone-problem-length = Numbers of this country do not have this many digits: check for a missing or doubled one.
phone-problem-extension = An extension receives no messages: leave it out.
phone-problem-not-allowed = We send no codes to numbers of this kind or country: use another number.
phone-problem-no-more = Five codes were sent within a day. Try again tomorrow.
phone-code-problem-empty = Type the six digits.
phone-code-problem-wrong = { $count ->
    [0] This is not the code. That was the last try for this one today.
    [one] This is not the code. You have one more try.
   *[other] This is not the code. You have { $count } more tries.
}
phone-code-problem-over = This code is of no use any more. Send another one.

join-title = Welcome to { $brand }
join-explain = You were invited to account { $number }. Choose how you sign in.
join-username-explain = Your user name is { $username }.
join-username-hint = 3 to 64 letters a–z, digits and . _ - @ +
join-username-short = A user name has at least 3 characters.
join-username-long = A user name has at most 64 characters.
join-username-character = Use letters a–z, digits and . _ - @ + only.
join-username-taken = Somebody has this user name already. Choose another.
join-pin-explain = Choose your Support PIN, too: you say it when you call us.
join-save = Save and go to sign-in
join-gone = This link was used already, was replaced by a newer one, or is too old. Ask whoever invited you for a new one.
sign-in-joined = Your sign-in is ready. Use your new user name and password.

news-person-invited = The invitation is on its way.
news-contact-added = The contact is on the account.
news-role-changed = The role was changed. They were signed out everywhere.
news-person-off = Switched off. Everything that they were signed in to has ended.
news-person-on = Switched on again.
news-phone-confirmed = Your phone number is confirmed.
news-phone-waits = Your phone number is confirmed. Below you see from when it can receive sign-in codes.
news-phone-known = This number is on record and confirmed already.
news-contact-phone-saved = The phone number is saved.
news-team-stale = That had changed meanwhile. Look once more.
news-team-refused = That cannot be done: an account keeps an owner, and nobody changes themself.
news-invitation-throttled = Three links went out within the hour. Wait a while, then try again.
news-can-sign-in = They can sign in already. Who forgot a password asks for a link on the sign-in page.

activity-invited = { $actor } invited somebody to the account
activity-joined = { $actor } accepted the invitation
