# The customer's pages.

sign-in-title = Sign in to { $brand }
sign-in-never = When we call you, we never ask for your password or PIN.
bar-label = For when you call us
never-ask = We never call you and ask for this PIN. Say it only when you contacted us.

menu-profile = Profile
menu-account-settings = Account settings
menu-security = Security (2FA)
menu-team = Team
menu-activity = Activity

home-greeting = Hello, { $name }
home-lead = Everything you need when you talk with us.
home-passport = Your number and PIN
recent-title = Recent activity
recent-all = See all
call-title = When you call us
call-step-1 = Call or write to us as usual and say what it is about.
call-step-2 = Tell us your account number.
call-step-3 = When we ask, say your Support PIN. We can then talk about your account.
call-step-3-one-time = When we ask, we send a one-time PIN to your phone. Read it to us.

pin-yours = Your Support PIN
pin-show = Show PIN
pin-copy = Copy PIN
pin-hidden = PIN hidden
pin-hide = Hide PIN
pin-reveal-failed = The PIN could not be shown. Reload the page and try again.
pin-not-readable = Cannot be shown
pin-not-readable-long = This PIN is stored so that nobody can read it again. If you forgot it, set a new one.
pin-set-one = Set a PIN
pin-set-another = Set a new PIN
pin-one-time = PIN for calls
pin-one-time-how = You need none in advance: when it matters, we send a one-time PIN to your phone while we talk.
pin-state = State
pin-changed = Last changed
pin-now = Now
pin-new = New PIN
pin-not-yours-to-edit = Only an owner or administrator of the account may change this PIN.
pin-person-held = Each person on this account has a PIN of their own. Yours is on your profile.
pin-to-profile = Go to your profile
call-in-pin = Call-in PIN
call-in-pin-explain = Everyone on this account uses this PIN when they call or write to us.
edit-pin = Edit PIN
or-choose = or choose one

pin-generate-title = Let us make a PIN
pin-generate-hint = Random digits are the hardest to guess.
pin-generate = Generate one for me
pin-problem-empty = Type the new PIN.
pin-problem-not-digits = Use digits only. Spaces and dashes are fine.
pin-problem-breaks-rules = This PIN breaks a rule below. The old PIN is still in use.
pin-problem-same = This is your present PIN. Choose another.

rules-label = Rules for the PIN
rules-all-held = All rules are met
rule-held = met
rule-broken = not met
rule-length = Exactly { $count } digits
rule-equal-in-a-row = { $count ->
    [one] No two equal digits in a row
   *[other] At most { $count } equal digits in a row
}
rule-in-sequence = { $count ->
    [one] No two digits in sequence, up or down
   *[other] At most { $count } digits in sequence, up or down
}
rule-guessable = Not one that many people choose
rule-date = Not a date
rule-from-phone = Not part of your phone number
rule-from-account-number = Not part of your account number
rule-same-as-before = Not the PIN you have now
rule-other = Rule: { $name }

profile-about-you = About you
profile-pin-explain = This PIN is yours alone. Say it when you call us, and we know it is you. To change it, type a new one and save.

locked-title = Support PIN locked
locked-what = Someone gave a wrong PIN too many times { $channel }, so it is not accepted any more.
locked-portal-works = Signing in here is not affected.
locked-who-may = These people on your account may unlock it: { $names }
locked-ask-support = Contact us to have it unlocked.
unlock = Unlock
unlock-title = Unlock your Support PIN?
unlock-explain = If the wrong tries were not yours, change the PIN as well: then whoever tried it starts from nothing.
unlock-and-change = Unlock and change PIN
unlock-only = Unlock only
unlock-tries = { $count ->
    [one] There was one wrong try.
   *[other] There were { $count } wrong tries.
}

team-unlock = Unlock
team-unlock-title = Unlock this Support PIN?
team-unlock-explain = Wrong tries locked it. After you unlock it, the same PIN works again.
team-unlock-new = Unlock with a new PIN
team-only-new = It met too many wrong tries to be kept, so only a new PIN helps.
team-reset = Make a new PIN
team-reset-title = Make a new Support PIN?
team-reset-explain = The old one ends at once. Its holder alone sees or chooses the new one.
activity-lead = Who did what on your account, newest first.
activity-empty-title = Nothing yet
activity-empty = Calls, sign-ins and PIN changes will show here.
activity-actor-you = You
activity-actor-someone = Someone
activity-actor-agent = { $name } from { $brand }
activity-actor-support = { $brand } support
activity-actor-program = { $brand }’s automatic service
activity-signed-in = { $actor } signed in
activity-sign-in-failed = A sign-in as { $actor } failed
activity-signed-out-everywhere = { $actor } signed out on every device
activity-pin-shown = { $actor } looked at the Support PIN
activity-pin-changed = { $actor } changed the Support PIN
activity-pin-generated = { $actor } had a new Support PIN made
activity-pin-reset = { $actor } reset the Support PIN
activity-pin-locked = The Support PIN was locked after too many wrong tries
activity-pin-unlocked = { $actor } unlocked the Support PIN
activity-one-time-pin-sent = { $actor } sent a one-time PIN to the number on record
activity-verified = A caller gave the right PIN to { $actor }
activity-denied = A caller gave a wrong PIN to { $actor }
activity-tried-while-locked = A caller tried the locked PIN with { $actor }
activity-turned-away = A caller was turned away by { $actor } before a PIN was checked
activity-conversation-opened = { $actor } opened your account for a conversation
activity-conversation-read = { $actor } looked at a colleague's conversation about your account
activity-conversation-closed = { $actor } ended the conversation
activity-account-created = { $actor } created the account
activity-person-changed = { $actor } changed the people on the account
pager-label = Pages
pager-newest = Newest
pager-older = Older

security-title = Security
sessions-title = Where you are signed in
sessions-explain = If you do not know one of these, sign out everywhere and change your password.
session-this = This session
session-started = Started
session-last-used = Last used
sign-out-everywhere = Sign out everywhere
sign-out-everywhere-ask = Sign out everywhere?
sign-out-everywhere-explain = { $count ->
    [one] This ends your one open session. You sign in again with your password.
   *[other] This ends { $count } sessions, this one too. You sign in again with your password.
}


password-change = Change password
password-change-explain = Everywhere else you are signed in, you will be signed out. We tell you by e-mail.
password-old = Present password
password-old-wrong = This is not your present password. Nothing was changed.
password-old-throttled = { $count ->
    [one] Too many wrong passwords. Wait a minute, then try again.
   *[other] Too many wrong passwords. Wait { $count } minutes, then try again.
}
password-new = New password
password-hint = { $count ->
    [one] At least one character.
   *[other] At least { $count } characters. A few words that do not belong together do well; spaces count.
}
password-save = Save the new password
password-make = Make a strong one for me
password-made = This one was made for you and is not saved yet. Keep it in a password manager or on paper, then save.
password-problem-empty = Type the new password.
password-problem-too-short = { $count ->
    [one] Use at least one character.
   *[other] Use at least { $count } characters.
}
password-problem-too-long = This is too long: 1024 bytes are the most.
password-problem-common = Many people use this password, or it stood in a data leak. Choose another.
password-problem-context = Do not build it from your name, your address, our name or the word “password”.
password-problem-guessable = This follows a pattern that is soon guessed. Use words that do not belong together.
password-problem-same = This is your present password. Choose another.
password-strength-guessable = Too easy to guess
password-strength-fair = Fair
password-strength-good = Good
password-strength-strong = Strong

forgot-link = Forgot password?
forgot-title = Forgot your password?
forgot-explain = Tell us your user name or your e-mail address. We send a link to the address that we have on record.
forgot-name = User name or e-mail address
forgot-send = Send the link
forgot-asked = If we know you, a link is on its way to the e-mail address on record.
forgot-asked-more = It works once and for 30 minutes. Nothing there? Look in the spam folder, check the spelling, or contact us.
forgot-back = Back to sign-in
reset-title = Set a new password
reset-for = For the sign-in { $username }.
reset-then = You sign in with it afterwards. If you use a second factor, we ask for it then, as always.
reset-pin-explain = You can choose a new Support PIN, too. Leave it empty to keep the one that you have.
reset-gone = This link was used already, or it is too old. Your password was not changed.
reset-ask-again = Ask for a new link
sign-in-password-reset = Your new password is saved. Sign in with it.
activity-password-changed = { $actor } changed the password
activity-password-reset-asked = Somebody asked for a link to reset the password of { $actor }
