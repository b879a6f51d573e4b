"""Signs a callback as Twilio's own library does: reads {"token", "url", "form"} and prints the signature."""

import json
import sys

from twilio.request_validator import RequestValidator

asked = json.load(sys.stdin)
print(RequestValidator(asked["token"]).compute_signature(asked["url"], asked["form"]), end="")
