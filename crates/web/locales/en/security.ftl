# The customer's pages about signing in: Security, 2-Factor Auth, Security information, and the page that asks for a proof.

menu-two-factor = 2-Factor Auth
menu-security-information = Security information
two-factor-title = Two-factor authentication
two-factor-lead = With it, signing in takes your password and a code from your phone. A stolen password alone opens nothing.
two-factor-enable = Enable two-factor authentication
two-factor-open = Open 2-Factor Auth
two-factor-is-on = On
two-factor-is-off = Off
two-factor-since = since
two-factor-required = It is required here and cannot be switched off.
two-factor-other-phone = Set up another phone
two-factor-now-on = Two-factor authentication is on. Everywhere else you are signed out.
set-up-title = Set up two-factor authentication
set-up-what = You need an authenticator app on your phone: any that makes six-digit codes from the time will do.
set-up-show = My clock is automatic: show the QR code
set-up-confirm = Switch it on
set-up-another-key = Make another key
set-up-replaces = The phone that you use now stays in force until you type the first good code of the new one.
backup-codes-for = For the sign-in { $username }.
backup-codes-left = { $count ->
    [0] None left: make new ones
    [one] One left
   *[other] { $count } left
}
recovery-code-unused = Not used yet
recovery-code-used = Used: make new ones
new-codes = Make new codes
new-codes-ask = Make new backup codes?
new-codes-explain = The codes on your list and your recovery code end at once. You see the new ones once.
switch-off = Switch it off
switch-off-ask = Switch two-factor authentication off?
switch-off-explain = Then your password alone signs in. Your backup codes end, remembered devices are forgotten, and everywhere else you are signed out.
devices-title = Remembered devices
devices-explain = These sign in with your password alone, without a code. Remove what you do not know or no longer use.
devices-none = { $count ->
    [one] None. When you sign in with a code you can have a device remembered for a day.
   *[other] None. When you sign in with a code you can have a device remembered for { $count } days.
}
devices-never = No device is remembered here: a code is asked for each time.
device-this = This device
device-first-used = Remembered
device-last-used = Last used
device-ends = Ends
device-remove = Remove
device-remove-named = Remove { $browser }
remove-devices = Remove all
remove-devices-ask = Remove all remembered devices?
remove-devices-explain = Each of them, this one too, is asked for a code at its next sign-in.
session-end = End
session-end-named = End the session in { $browser }
end-others = Sign out everywhere else
end-others-ask = Sign out everywhere else?
end-others-explain = All sessions but this one end.
prove-title = Is it you?
prove-explain = Before this goes on, show once more who you are. Then you come back to where you were.
prove-by-device = You signed in on a remembered device, without a code. So a code is needed here.
prove-with-code = Go on with the code
prove-with-password = Go on with the password
prove-or = or
prove-wrong-password = This is not your password. Nothing was changed.
pin-change = Change the PIN
security-pin = Security PIN
security-pin-change = Change Security PIN
update = Update
news-proven = Thank you. Now go on with what you wanted to do.
news-second-factor-off = Two-factor authentication is off.
news-set-up-over = This key waited too long or met too many wrong codes. Begin again.
news-device-removed = The device is not remembered any more.
news-devices-removed = No device is remembered any more.
news-session-ended = The session was ended.
news-other-sessions-ended = You are signed out everywhere else.
passkeys-title = Passkeys
two-factor-by-passkey = A passkey of yours is asked for after the password already. With this switch a code from the app will do, too.
passkeys-lead = A passkey signs you in without password and code, and stands in for the code after the password.
passkeys-empty = You have none yet.
passkeys-not-here = Passkeys need a host name, and this site has none: ask whoever runs it.
passkey-add = Add a passkey
passkey-one = Passkey
passkey-made = Made
passkey-last-used = Last used
passkey-never-used = Never used
passkey-change = Change
passkey-change-named = Change or remove { $name }
passkey-rename = Save the name
passkey-remove-title = Remove this passkey
passkey-remove = Remove the passkey
passkey-remove-explain = It signs you in no more. Everywhere else you are signed out. The device still lists it: remove it there, too.
passkey-remove-last = It is your only second factor: then your password alone signs in, and your backup codes end. Everywhere else you are signed out. The device still lists it: remove it there, too.
passkey-required = A second factor is required here, and this is your only one. Set another one up first.
news-passkey-added = The passkey is on your list. Everywhere else you are signed out.
news-passkey-renamed = The passkey has its new name.
news-passkey-removed = The passkey was removed. Everywhere else you are signed out.
