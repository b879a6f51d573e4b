import "./reveal.js";
import "./copy.js";
import "./dialog.js";
import "./pin-rules.js";
import "./local-time.js";
import "./show-password.js";
import "./new-password.js";
import "./session-idle.js";
