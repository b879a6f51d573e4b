// The same table of digit forms as on the server; null for anything else.
export function plainDigits(text) {
  let digits = "";
  for (const sign of text) {
    const code = sign.codePointAt(0);
    if (code >= 0x30 && code <= 0x39) digits += sign;
    else if (code >= 0x660 && code <= 0x669) digits += code - 0x660;
    else if (code >= 0x6f0 && code <= 0x6f9) digits += code - 0x6f0;
    else if (code >= 0xff10 && code <= 0xff19) digits += code - 0xff10;
    else if (sign !== " " && sign !== "\u00a0" && sign !== "-") return null;
  }
  return digits;
}
