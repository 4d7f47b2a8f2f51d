-- Everything that is stored: database, name, type, deadline and content of every key.
local read = {
  string = {"GET"},
  list = {"LRANGE", 0, -1},
  hash = {"HGETALL"},
  set = {"SMEMBERS"},
  zset = {"ZRANGE", 0, -1, "WITHSCORES"},
}
local out = {}
for _, db in ipairs({0, 1, 15}) do
  redis.call("SELECT", db)
  for _, key in ipairs(redis.call("KEYS", "*")) do
    local kind = redis.call("TYPE", key).ok
    local command = read[kind]
    local content = redis.call(command[1], key, unpack(command, 2))
    out[#out + 1] = {db, key, kind, redis.call("PEXPIRETIME", key), content}
  end
end
return out
