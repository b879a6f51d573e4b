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
    The password of your sign-in at { $brand } was changed.

    When: { $at } (UTC)

    Every other session was ended. If this was you, there is nothing to do.
    If this was not you: open the portal yourself, choose "Forgot password?", set a new password and tell us.

password-reset-subject = { $brand }: set a new password
password-reset-body =
    Somebody, probably you, asked for a new password for the sign-in "{ $username }" at { $brand }.

    Set it here: { $link }

    The link works once and for { $minutes } minutes. If you use a second factor, you are still asked for it.
    If this was not you, do nothing: your password stays as it is. We never ask you for this link.
