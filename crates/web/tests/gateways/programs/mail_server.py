"""A mail server of aiosmtpd's: TLS and a login before anything is taken. Prints each mail as a line of JSON.

mail_server.py PORT starttls|tls|none [CERTIFICATE KEY]
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Prints:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such user"
        if address.startswith("busy@"):
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "login": session.auth_data.login.decode() if session.auth_data else None,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "plain": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
        }), flush=True)
        return "250 2.0.0 Ok: queued as 4bX7"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.login == b"countersign" and data.password == b"a long secret"
    return AuthResult(success=good, handled=False, auth_data=data if good else None)


def main():
    port, protection = int(sys.argv[1]), sys.argv[2]
    context = None
    if protection != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
    settings = {"hostname": "127.0.0.1", "port": port, "authenticator": authenticate}
    if protection == "starttls":
        settings |= {"tls_context": context, "require_starttls": True, "auth_required": True}
    elif protection == "tls":
        settings |= {"ssl_context": context, "auth_require_tls": False, "auth_required": True}
    controller = Controller(Prints(), **settings)
    controller.start()
    print("ready", flush=True)
    asyncio.new_event_loop().run_forever()


main()
