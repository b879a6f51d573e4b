# The staff's pages.

desk-name = Desk
desk-sign-in-title = Sign in to the desk
desk-set-up-title = Set up your second factor
desk-set-up-why = The desk opens only with a second factor beside your password. It takes a minute, and from then on each sign-in asks for six digits from your phone.
desk-set-up-app = You need an authenticator app on your phone: any that makes six-digit codes, such as Aegis, 2FAS, Google Authenticator or Microsoft Authenticator.
desk-set-up-begin = Show the QR code
desk-set-up-finish = Switch on
desk-set-up-another-key = Begin again with another key
desk-set-up-over = This took too long, or too many codes were wrong. Begin again; remove the entry from your app first.
desk-codes-title = Keep these codes
desk-codes-on = Your second factor is on.
desk-brand = Brand
desk-brand-switch = Switch
desk-search-title = Who is it?
desk-search-label = Account number, phone, e-mail or name
desk-search-placeholder = Account number, phone, e-mail or name
desk-search-again = Another account
desk-search = Find
desk-tip = An exact account number opens at once. The PIN is never a way to search.
desk-mine = Your open conversations
desk-reads-title = You read here, and serve nobody
desk-reads = As an auditor you open a conversation by its address: /desk/conversations/ and the id that its events carry. Nothing of the customer is shown in full.
desk-reads-record = The record itself is read through the API (audit events) and checked with the command “countersign audit verify”.
desk-hits = { $count ->
    [0] No account found
    [one] One account found
   *[other] { $count } accounts found
}
desk-none-title = Nobody by that name or number
desk-none = Ask for the account number and read it back, digit by digit.
desk-more = There are more. Type more of the name, or ask for the account number.
desk-phone-ends = Phone ends in
direction = Who began it
direction-inbound = They contacted us
direction-outbound = We contacted them

desk-conversation-title = Account { $number }
desk-opened = Opened
desk-end = End
desk-next = Next customer
desk-check-title = Check the PIN
desk-who = Who is calling?
desk-pin = Support PIN
desk-pin-hint = The check starts by itself on digit { $count }.
desk-check = Check
desk-people = People
desk-allowed = Allowed now
desk-script = What to say

action-always = always
action-verified = verified
action-needs-pin = needs the PIN
action-needs-second-proof = needs a second proof too
action-needs-approval = needs a supervisor too

panel-waiting-title = Not verified yet
panel-waiting = Only general help until the PIN has matched.
panel-verified-title = VERIFIED
panel-verified = The PIN matched for this account.
panel-verified-person = The PIN of { $person } matched.
panel-left = left
panel-five-minutes = Five minutes left
panel-one-minute = One minute left
panel-time-over = The verified time is over. Check again.
panel-not-verified-title = NOT VERIFIED
panel-not-verified = It did not match. Ask the customer to look it up in the portal and say it again.
panel-locked-title = LOCKED
panel-locked = Too many wrong tries. It can be unlocked by:
panel-expired-title = TIME IS OVER
panel-expired = The match was too long ago. Check the PIN again to go on.
panel-outbound-title = NO PIN CHECK
panel-outbound = We contacted them, so we never ask for the PIN: that is what a fraudster would do. Ask the customer to contact us.
panel-unavailable-title = NO SUPPORT PIN HERE
panel-unavailable = This brand has no standing PIN. Only general help until another proof is given.
panel-anothers-title = A colleague's conversation
panel-anothers = What was proved here was proved to them. That you looked is recorded. To help this customer, open your own conversation and check the PIN there.
desk-open-own = Open my own conversation
panel-closed-title = ENDED
panel-closed = Nothing is verified any more.
unlocker-holder = the customer, in the portal
unlocker-owner = an owner of the account, in the portal
unlocker-account-admin = an administrator of the account, in the portal
unlocker-supervisor = a supervisor who opens this page
stopped-title = You have been stopped from checking PINs
stopped-explain = There were wrong PINs on too many accounts at your desk. No customer is affected. Ask a supervisor to look at it with you.

care-title = Support PIN: for supervisors
care-own = You opened this conversation yourself, so somebody else has to unlock or renew its PIN. Give another supervisor the address of this page.
care-unlock = Unlock
care-unlock-new = Unlock with a new PIN
care-unlock-title = Unlock this PIN?
care-unlock-explain = Wrong tries locked it. Unlock it only if you know that this is the customer. It is recorded in your name, and the customer sees it. Nobody at support sees the PIN.
care-only-new = It met too many wrong tries to be kept, so only a new PIN helps.
care-reset = Make a new PIN
care-reset-title = Make a new PIN?
care-reset-explain = The old one ends at once, also where it was verified. Its holder alone sees or chooses the new one, in the portal. It is recorded in your name.

script-greet = “Thank you for contacting { $brand }. Before we talk about your account, I check that it is you.”
script-ask-account-pin = “Please tell me the Support PIN of your account. You find it at the top of every page when you sign in.”
script-ask-person-pin = “Please tell me your name and your own Support PIN. You find it at the top of every page when you sign in.”
script-verified = “Thank you, that is right. What can I do for you?”
script-not-verified = “I could not verify you with that. Would you look it up and tell me again?”
script-not-verified-help = “You see it when you sign in and press the eye at the top of the page.”
script-locked = “I cannot check this PIN at the moment. Please sign in: the page says what to do.”
script-locked-help = “Until then I can help with anything general.”
script-expired = “A while has passed. May I have your Support PIN once more?”
script-outbound = “This is { $brand }. I will not ask for your PIN, because we contacted you.”
script-outbound-help = “Please call us on the number you know, and give the PIN then.”
script-unavailable = “I can help with anything general right away.”
script-stopped = “I am passing you to a colleague who can verify you.”

desk-help-open = Keyboard help
desk-help-title = Keys
desk-key-search = Go to the search box
desk-key-enter = Find; an exact number opens at once
desk-key-escape = Clear every field, also the PIN
desk-key-help = Show this list

code-title = One-time PIN
code-to-whom = To whom?
code-send-sms = Send by text message
code-send-voice = Send by call
code-send-email = Send by e-mail
code-by-sms = Text message to
code-by-voice = Call to
code-by-email = E-mail to
code-said = What the caller says
code-past = does not count any more
code-wait = { $count ->
    [one] Another one can be sent in 1 second.
   *[other] Another one can be sent in { $count } seconds.
}
delivery-queued = waits to be sent
delivery-sent = sent
delivery-delivered = delivered
delivery-failed = not delivered: try the other way
delivery-expired = not sent in time: send another
code-number-missing = no phone number on record
code-number-unconfirmed = the number was never confirmed
code-number-waits = the number was changed lately, so it receives no codes yet
code-number-not-allowed = codes are not sent to numbers of this kind or country
code-advice-missing = “Please sign in, open Team, put your phone number there and confirm it by the code that you are sent. Then contact us again.”
code-advice-unconfirmed = “Please sign in, open Team and confirm your phone number by the code that you are sent. Then contact us again.”
code-advice-waits = “Your new number has to wait for a while, so that nobody can slip in theirs. You were told by mail for how long.”
code-advice-not-allowed = “Please sign in, open Team and put another phone number there. Then contact us again.”
code-advice-contact = A contact cannot confirm a number. Somebody who signs in for this account has to contact us.
code-wrong-number = The caller says that the number is wrong
code-wrong-number-do = Take no number from a caller, however good the reason: a thief says the same. Only general help until they are reached at a number that they confirmed.
code-wrong-number-say = “I can send it only to the number that you confirmed. Please sign in, open Team and change it there. A changed number has to wait before it receives codes.”
action-needs-one-time-pin = needs a one-time PIN
action-verified-twice = verified by two methods
panel-verified-code = The one-time PIN matched for this account.
panel-verified-code-person = The one-time PIN that { $person } was sent matched.
panel-verified-both = Support PIN and one-time PIN matched: two methods.
panel-verified-both-person = Support PIN and one-time PIN of { $person } matched: two methods.
panel-code-denied = That was not the PIN. Let them read the newest message once more, digit by digit.
panel-code-expired-title = THIS PIN IS OVER
panel-code-expired = It is too old, was used, or another one took its place. Send a new one.
panel-code-locked-title = TOO MANY WRONG PINS
panel-code-locked = Nothing is compared any more. Send a new one; where that does not help either, this person has to wait until tomorrow.
panel-waiting-code = Only general help until a one-time PIN has matched.
script-send-code = “I am sending a PIN to the phone number that we have on record for you. Please read it to me.”
script-enter-code = “Please read me the PIN that you were just sent, digit by digit.”
script-code-denied = “That was not it. Would you read me the newest message once more?”
script-code-expired = “That PIN is no longer good. I am sending you a new one.”
script-code-locked = “There were too many wrong PINs, so I cannot check another one now.”
