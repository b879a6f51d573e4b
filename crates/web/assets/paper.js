import "./copy.js";
import "./local-time.js";
