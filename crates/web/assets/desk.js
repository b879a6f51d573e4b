import "./copy.js";
import "./countdown.js";
import "./desk-keys.js";
import "./local-time.js";
import "./show-password.js";
import "./print.js";
import "./server-clock.js";
import "./session-idle.js";
