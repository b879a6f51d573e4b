-- wrk script: sends requests from a file, line by line, "PATH<TAB>BODY" (an empty body: a GET), and prints one JSON line.
-- LOAD_FILE names the file, LOAD_HEADERS holds "Name: value" lines, LOAD_EXPECT a Lua pattern that every good answer
-- contains (looked at on every 50th). Each thread starts at its own place in the list, so that no two meet at one account.
local threads = {}
function setup(thread)
  thread:set("place", #threads)
  threads[#threads + 1] = thread
end

local requests, at = {}, 0
checked, mismatched, answers = 0, 0, 0
local expect = os.getenv("LOAD_EXPECT")

function init()
  local headers = {}
  for line in (os.getenv("LOAD_HEADERS") or ""):gmatch("[^\n]+") do
    local name, value = line:match("^([^:]+):%s*(.*)$")
    headers[name] = value
  end
  for line in io.lines(os.getenv("LOAD_FILE")) do
    local path, body = line:match("^([^\t]*)\t(.*)$")
    if body == "" then
      requests[#requests + 1] = wrk.format("GET", path, headers)
    else
      requests[#requests + 1] = wrk.format("POST", path, headers, body)
    end
  end
  at = math.floor(#requests * place / tonumber(os.getenv("LOAD_THREADS")))
end

function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end

function response(status, _, body)
  answers = answers + 1
  if answers % 50 ~= 0 then return end
  checked = checked + 1
  if status ~= 200 or not body:find(expect) then
    mismatched = mismatched + 1
    if mismatched == 1 then io.stderr:write("unexpected: " .. status .. " " .. body:sub(1, 300) .. "\n") end
  end
end

function done(summary, latency)
  local seen, wrong = 0, 0
  for _, thread in ipairs(threads) do
    seen = seen + thread:get("checked")
    wrong = wrong + thread:get("mismatched")
  end
  local errors = summary.errors
  io.write(string.format(
    '{"per_second":%.1f,"p50_ms":%.3f,"p99_ms":%.3f,"requests":%d,"failed":%d,"checked":%d,"unexpected":%d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.requests, errors.status + errors.connect + errors.read + errors.write + errors.timeout, seen, wrong))
end
