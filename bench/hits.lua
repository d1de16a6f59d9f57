-- wrk script: one page view in each request, every visitor and hit another. POST_PATH: /t/PUBLIC_ID/; ORIGIN: the website's.
local path, origin = os.getenv("POST_PATH"), os.getenv("ORIGIN")
local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
function init() math.randomseed(os.time() + number); base = os.time() * 1000 + math.random(1, 999); count = 0 end
function request()
  count = count + 1
  local id = string.format("%016x%016x", base, count)
  local hit = '{"i":"' .. id .. '","u":"' .. origin .. '/products/' .. (count % 500) .. '/?utm_campaign=autumn","t":"What it costs","r":"https://search.example/","a":12}'
  return wrk.format("POST", path, { ["Content-Type"] = "text/plain", ["Origin"] = origin, ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0 Safari/537.36" }, '{"v":"' .. id .. '","h":[' .. hit .. ']}')
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests_per_s": %.1f, "p50_ms": %.2f, "p95_ms": %.2f, "errors": %d}\n', summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, e.status + e.connect + e.read + e.write + e.timeout))
end
