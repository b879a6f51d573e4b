# The second step of signing in, in the portal and at the desk.

second-step-title = Enter your code
second-step-go = Go on
second-step-remember = { $count ->
    [one] Remember this device for one day
   *[other] Remember this device for { $count } days
}
second-step-remember-hint = Only on a device that nobody else uses. Before something sensitive we ask for a code all the same.
second-step-paper-label = Backup code or recovery code
second-step-paper-hint = From the list that you saved. Each works once.
second-step-recovery-label = Recovery code
second-step-recovery-hint = The one code of 16 letters and digits that stands below your backup codes. It works once.
second-step-sms-label = Code from the text message
second-step-sms-hint = Six digits, good for ten minutes.
second-step-sms-sent = We sent a code to { $number }.
second-step-sms-send = Send SMS code
second-step-sms-again = Send another SMS code
second-step-sms-to = To the number { $number }.
second-step-sms-left = { $count ->
    [one] You can send one more. The newest code counts.
   *[other] You can send { $count } more. The newest code counts.
}
second-step-sms-no-more = No more codes are sent in this sign-in. Sign in again to have another one sent.
second-step-sms-none = No code by SMS?
second-step-sms-how = We have no confirmed mobile number of yours on record. Once you are signed in, add it under Team → edit → country code and cell phone, and confirm it. Then “Send SMS code” stands here.
second-step-use-app = Use a code from the app
second-step-use-paper = Use a backup code or the recovery code
second-step-lost = Lost your phone and your codes?
second-step-lost-how = Contact support. After they have verified you they can switch the second factor off; you then sign in with your password and set it up anew.
second-step-closed = Too many wrong codes: codes are not accepted any more.
second-step-closed-recovery = Your recovery code opens your sign-in again. Without it, contact support: they verify you and switch the second factor off.
second-step-closed-support = Contact support: they verify you and switch the second factor off. You then sign in with your password and set it up anew.
second-step-back = Sign in as someone else
second-step-time = You have ten minutes for this.
code-problem-no-sms = This code does not count any more: it is too old, or too many were tried. Have another one sent, or use a backup code.
second-step-passkey-title = Use your passkey
second-step-passkey-how = Your device asks for your fingerprint, your face or its PIN.
second-step-use-passkey = Use a passkey
second-step-closed-passkey = Your passkey opens your sign-in again, and so does your recovery code.
