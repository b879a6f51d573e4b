# What leaves the house. No text holds a PIN, and none holds words that a customer wrote.

never-ask = We never call you and ask for this PIN.

pin-locked-subject = { $brand }: your Support PIN is locked
pin-locked-body =
    The Support PIN of account { $account } was locked after too many wrong tries.

    When: { $at } (UTC)
    By way of: { $channel ->
        [phone] a phone call
        [chat] a chat
        [email] e-mail
        [in_person] a visit in person
        [ivr] the automatic phone line
        [api] a connected program
       *[other] support
    }

    You can still sign in to the portal. Open it yourself, do not follow a link, and choose "Unlock": you can take a new PIN there.

    If this was not you, somebody may have tried to speak for you. Nothing was changed on your account.
    { never-ask }

password-changed-subject = { $brand }: your password was changed
password-changed-body =
    { $pin ->
        [yes] The password of your sign-in at { $brand } and your Support PIN were changed.
       *[no] The password of your sign-in at { $brand } was changed.
    }

    When: { $at } (UTC)

    Every other session was ended. If this was you, there is nothing to do.
    If this was not you: open the portal yourself, choose "Forgot password?", set a new password and tell us.

person-added-subject = { $brand }: a person was added to your account
person-added-body =
    { $name } was added to account { $account } at { $brand } and can sign in.

    When: { $at } (UTC)

    If you know of this, there is nothing to do.
    If you do not: open the portal yourself, do not follow a link, look at the people on your account and tell us.

password-reset-subject = { $brand }: set a new password
password-reset-body =
    Somebody, probably you, asked for a new password for the sign-in "{ $username }" at { $brand }.

    Set it here: { $link }

    The link works once and for { $minutes } minutes. If you use a second factor, you are still asked for it.
    If this was not you, do nothing: your password stays as it is. We never ask you for this link.

sign-in-code = { $code } is your { $brand } sign-in code. Good for 10 minutes. Never tell it to anybody, not to us either.

one-time-pin-life = { $unit ->
    [hours] { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
   *[minutes] { $count ->
        [one] 1 minute
       *[other] { $count } minutes
    }
}
one-time-pin-sms = { $code } is your PIN for your talk with { $brand } now. Good for { $life }. Only if you contacted us: we never call you and ask for it.
one-time-pin-voice = Hello. This is { $brand }, with the PIN for the conversation that you have with us now. Your PIN is: { $digits }. Once more, your PIN is: { $digits }. It is good for { $life }. We never call you and ask for this PIN. Goodbye.
one-time-pin-subject = { $brand }: your one-time PIN
one-time-pin-body =
    { $code } is your PIN for the conversation that you have with { $brand } now. It is good for { $life }.

    Tell it only if it was you who contacted us. We never call you and ask for it.
    If you are not in touch with us at this moment, tell it to nobody and call us on the number you know.

factor-changed-subject = { $brand }: the protection of your sign-in changed
factor-changed-body =
    { $change ->
        [enabled] Two-factor authentication was set up for your sign-in. Everything else that was signed in is signed out.
        [disabled] Two-factor authentication was switched off for your sign-in.
        [switched_off_by_support] Support switched off two-factor authentication for your sign-in. Sign in with your password and set it up anew.
        [codes_renewed] A new set of backup codes was made. The old ones no longer work.
        [closed] Ten wrong codes were entered after your password. Two-factor sign-in is closed until you use your recovery code, a passkey, or ask support. Somebody may know your password: change it.
        [backup_code_used] A backup code was used to sign in.
        [recovery_code_used] Your recovery code was used to sign in. Make a new set of codes.
        [passkey_added] A passkey was added to your sign-in. It signs in without your password. Everything else that was signed in is signed out.
        [passkey_removed] A passkey of your sign-in was removed. Everything else that was signed in is signed out.
        [passkey_copied] One of your passkeys was used in a way that looks like a copy of it, so it was not accepted. If you know nothing of it, remove this passkey.
        [device_copied] A remembered device was used from two places, so we no longer remember it.
       *[other] The protection of your sign-in was changed in some way.
    }

    When: { $at } (UTC)

    If this was not you, open the portal yourself, do not follow a link, change your password and sign out everywhere. If you cannot, call us.
    We never call you and ask for a code or a password.

invitation-subject = { $brand }: your sign-in for account { $account }
invitation-body =
    You can now sign in to account { $account } at { $brand }, as { $role ->
        [owner] an owner
        [admin] an administrator
       *[other] a member
    }.

    Choose your user name and your password here: { $link }

    The link works once and for { $days } days. If you did not expect this, do nothing.
    We never ask you for this link.

team-changed-subject = { $whom ->
    [you] { $brand }: your place on account { $account } changed
   *[other] { $brand }: the people on account { $account } changed
}
team-changed-body =
    { $whom ->
        [you] { $change ->
            [owner] You are an owner of account { $account } now. You were signed out everywhere: sign in again.
            [admin] You are an administrator of account { $account } now. You were signed out everywhere: sign in again.
            [member] You are a member of account { $account } now. You were signed out everywhere: sign in again.
            [contact] You are a contact of account { $account } now. You can call us for it; you no longer sign in.
            [disabled] Your sign-in for account { $account } was switched off. You were signed out everywhere.
            [enabled] Your sign-in for account { $account } was switched on again.
            [pin] Another administrator of account { $account } gave you a new Support PIN. Ask them for it, or change it yourself on "Security information".
            [joined] Your sign-in for account { $account } is ready. You chose its password a moment ago.
           *[other] Your place on account { $account } changed.
        }
       *[other] { $change ->
            [owner] Somebody was made an owner of account { $account }.
            [admin] Somebody was made an administrator of account { $account }.
            [member] Somebody was made a member of account { $account }.
            [contact] Somebody was made a contact of account { $account }.
            [disabled] A sign-in for account { $account } was switched off.
            [enabled] A sign-in for account { $account } was switched on again.
            [added] A contact was added to account { $account }.
            [invited] Somebody was invited to account { $account }.
            [joined] Somebody who was invited to account { $account } chose a password and can sign in now.
            [pin] An administrator of account { $account } was given a new Support PIN by another one.
            [phone] The phone number of a contact of account { $account } was changed.
           *[other] The people on account { $account } changed.
        }
    }

    When: { $at } (UTC)

    If this is not right, open the portal yourself, do not follow a link, and look at "Team" and "Activity". If you cannot, call us.

phone-code = { $code } confirms this number for { $brand }. Good for 10 minutes. Never tell it to anybody, not to us either.
phone-changed-sms = { $brand }: another phone number took the place of this one. If this was not you, sign in and change your password, or call us.
phone-changed-subject = { $brand }: your phone number was changed
phone-changed-body =
    The phone number that we have on record for you at { $brand } was changed.

    When: { $at } (UTC)
    { $wait ->
        [0] The new number can receive sign-in codes now.
       *[other] The new number receives no sign-in codes for { $wait } hours, so that you have time to object.
    }

    If this was not you: open the portal yourself, do not follow a link, put your own number back, change your password and sign out everywhere. If you cannot, call us.
