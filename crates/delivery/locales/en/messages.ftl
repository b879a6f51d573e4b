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
