--@ call
local call = redis.call
--@ null
local null = cjson.null
--@ fail
local function fail(text)
  error({err = "SCRIPT " .. text}, 0)
end
--@ kind
local function kind(x)
  local t = type(x)
  if t == "boolean" then return "bool" end
  if t == "number" then return "number" end
  if t == "string" then return "str" end
  if t == "table" then return x[0] and "list" or "dict" end
  return "None"
end
--@ below
local function below(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
--@ digits
local function digits(x)
  if x - x ~= 0 then fail("number is not finite") end
  if x == math.floor(x) and math.abs(x) < 9223372036854775808 then return string.format("%.0f", x + 0) end
  for places = math.abs(x) < 2.2250738585072014e-308 and 1 or 15, 17 do
    local text = string.format("%." .. places .. "g", x)
    if tonumber(text) == x then return text end
  end
end
--@ item
local function item(x)
  if x == nil then return null end
  return x
end
--@ names
local function names(dict)
  local sorted = {}
  for name in pairs(dict) do sorted[#sorted + 1] = name end
  table.sort(sorted, below)
  return sorted
end
--@ counted
local function counted(r)
  r[0] = #r
  return r
end
--@ truth
local function truth(x)
  if type(x) == "table" then return x[0] ~= 0 and next(x) ~= nil end
  return x ~= nil and x ~= false and x ~= 0 and x ~= ""
end
--@ eq
local function eq(a, b, depth)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" or (a[0] == nil) ~= (b[0] == nil) then return false end
  depth = depth or 0
  if depth >= 90 then fail("value is nested too deeply") end
  if a[0] ~= b[0] then return false end
  if a[0] then
    for i = 1, a[0] do
      if not eq(a[i], b[i], depth + 1) then return false end
    end
    return true
  end
  for name in pairs(a) do
    if b[name] == nil then return false end
  end
  for name in pairs(b) do
    if a[name] == nil then return false end
  end
  for _, name in ipairs(names(a)) do
    if not eq(a[name], b[name], depth + 1) then return false end
  end
  return true
end
--@ both_text
local function both_text(a, b)
  if type(a) ~= "string" or type(b) ~= "string" then
    fail("cannot compare " .. kind(a) .. " with " .. kind(b))
  end
end
--@ lt
local function lt(a, b)
  if type(a) == "number" and type(b) == "number" then return a < b end
  both_text(a, b)
  return below(a, b)
end
--@ le
local function le(a, b)
  if type(a) == "number" and type(b) == "number" then return a <= b end
  both_text(a, b)
  return not below(b, a)
end
--@ gt
local function gt(a, b)
  if type(a) == "number" and type(b) == "number" then return a > b end
  both_text(a, b)
  return below(b, a)
end
--@ ge
local function ge(a, b)
  if type(a) == "number" and type(b) == "number" then return a >= b end
  both_text(a, b)
  return not below(a, b)
end
--@ add
local function add(a, b)
  local t = type(a)
  if t == type(b) then
    if t == "number" then return a + b end
    if t == "string" then return a .. b end
    if t == "table" and a[0] and b[0] then
      local out = {[0] = a[0] + b[0]}
      for i = 1, a[0] do out[i] = a[i] end
      for i = 1, b[0] do out[a[0] + i] = b[i] end
      return out
    end
  end
  fail("cannot compute " .. kind(a) .. " + " .. kind(b))
end
--@ numbers
local function numbers(a, b, sign)
  if type(a) ~= "number" or type(b) ~= "number" then
    fail("cannot compute " .. kind(a) .. " " .. sign .. " " .. kind(b))
  end
end
--@ sub
local function sub(a, b)
  numbers(a, b, "-")
  return a - b
end
--@ mul
local function mul(a, b)
  numbers(a, b, "*")
  return a * b
end
--@ div
local function div(a, b)
  numbers(a, b, "/")
  if b == 0 then fail("division by zero") end
  return a / b
end
--@ floor_div
local function floor_div(a, b)
  numbers(a, b, "//")
  if b == 0 then fail("division by zero") end
  return math.floor(a / b)
end
--@ mod
local function mod(a, b)
  numbers(a, b, "%")
  if b == 0 then fail("division by zero") end
  local rest = math.fmod(a, b)
  if rest ~= 0 and (rest < 0) ~= (b < 0) then return rest + b end
  return rest
end
--@ is_list
local function is_list(x)
  if type(x) ~= "table" or not x[0] then fail(kind(x) .. " is not a list") end
  return x
end
--@ out_of_range
local function out_of_range(i, size)
  fail("list index " .. digits(i) .. " is out of range for " .. digits(size) .. " items")
end
--@ position
local function position(array, i)
  is_list(array)
  if type(i) ~= "number" then fail("list index must be a number, not " .. kind(i)) end
  if i - i ~= 0 then fail("number is not finite") end
  if i ~= math.floor(i) then fail("list index " .. digits(i) .. " is not a whole number") end
  local at = i < 0 and i + array[0] or i
  if at < 0 then out_of_range(i, array[0]) end
  return at
end
--@ index
local function index(array, i)
  local at = position(array, i)
  if at >= array[0] then out_of_range(i, array[0]) end
  local x = array[at + 1]
  if x == null then return nil end
  return x
end
--@ set_at
local function set_at(array, i, x)
  local at = position(array, i)
  if at > array[0] then out_of_range(i, array[0]) end
  if at == array[0] then array[0] = at + 1 end
  array[at + 1] = item(x)
end
--@ dict_key
local function dict_key(name)
  if type(name) == "string" then return name end
  if type(name) == "number" then return digits(name) end
  fail("dict key must be str or number, not " .. kind(name))
end
--@ is_dict
local function is_dict(x)
  if type(x) ~= "table" or x[0] then fail(kind(x) .. " is not a dict") end
end
--@ get_key
local function get_key(dict, name)
  is_dict(dict)
  local x = dict[dict_key(name)]
  if x == null then return nil end
  return x
end
--@ set_key
local function set_key(dict, name, x)
  is_dict(dict)
  dict[dict_key(name)] = item(x)
end
--@ new_dict
local function new_dict(count, ...)
  local pairs, dict = {...}, {}
  for i = 1, count, 2 do dict[dict_key(pairs[i])] = item(pairs[i + 1]) end
  return dict
end
--@ argument
local function argument(x)
  if type(x) == "string" then return x end
  if type(x) == "number" then return digits(x) end
  fail("command argument must be str or number, not " .. kind(x))
end
--@ checked
local function checked(...)
  local out, count = {...}, select("#", ...)
  for i = 1, count do out[i] = argument(out[i]) end
  return unpack(out, 1, count)
end
--@ prefix
local prefix = ARGV[#ARGV]
--@ prefixed
local function prefixed(positions, ...)
  local out, count = {checked(...)}, select("#", ...)
  for _, at in ipairs(positions) do out[at] = prefix .. out[at] end
  return unpack(out, 1, count)
end
--@ points
local function points(text)
  if not text:find("[\128-\255]") then return #text end
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end
--@ needs
local function needs(x, t, name, wanted)
  if type(x) ~= t then fail(name .. " needs " .. wanted .. ", not " .. kind(x)) end
end
--@ f_abs
local function f_abs(x)
  needs(x, "number", "abs", "number")
  return math.abs(x)
end
--@ f_contains
local function f_contains(whole, part)
  if type(whole) == "string" then
    if type(part) ~= "string" then fail("contains needs str, not " .. kind(part)) end
    return whole:find(part, 1, true) ~= nil
  end
  needs(whole, "table", "contains", "str or list or dict")
  if whole[0] then
    if part == nil then part = null end
    for i = 1, whole[0] do
      if eq(whole[i], part) then return true end
    end
    return false
  end
  if type(part) == "number" then part = digits(part) end
  if type(part) ~= "string" then fail("contains needs str, not " .. kind(part)) end
  return whole[part] ~= nil
end
--@ whole
local function whole(x, name)
  if x ~= math.floor(x) or x - x ~= 0 then fail(name .. " needs whole numbers") end
end
--@ before
local function before(text, count)
  if not text:find("[\128-\255]") then return math.min(count, #text) end
  for i = 1, #text do
    local byte = text:byte(i)
    if byte < 128 or byte > 191 then
      if count == 0 then return i - 1 end
      count = count - 1
    end
  end
  return #text
end
--@ offset
local function offset(text, start)
  whole(start, "find")
  local count = points(text)
  if start < 0 then start = math.max(start + count, 0) end
  if start <= count then return before(text, start) end
end
--@ f_find
local function f_find(text, part, ...)
  needs(text, "string", "find", "str")
  needs(part, "string", "find", "str")
  local from = 0
  if select("#", ...) > 0 then
    local start = ...
    needs(start, "number", "find", "number")
    from = offset(text, start)
    if not from then return nil end
  end
  local at = text:find(part, from + 1, true)
  return at and points(text:sub(1, at - 1))
end
--@ utf8
local function utf8(code)
  if code < 0x80 then return string.char(code) end
  local tail = string.char(0x80 + code % 64)
  code = math.floor(code / 64)
  if code < 0x20 then return string.char(0xc0 + code) .. tail end
  tail = string.char(0x80 + code % 64) .. tail
  code = math.floor(code / 64)
  if code < 0x10 then return string.char(0xe0 + code) .. tail end
  return string.char(0xf0 + math.floor(code / 64), 0x80 + code % 64) .. tail
end
--@ f_from_json
local function f_from_json(text)
  needs(text, "string", "from_json", "str")
  local escapes = {['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}
  local at, value = 1, nil
  local function bad() fail("text is not valid JSON") end
  local function space() at = text:find("[^ \t\n\r]", at) or #text + 1 end
  local function take(char)
    if text:sub(at, at) ~= char then return false end
    at = at + 1
    return true
  end
  local function hex(from)
    local code = text:match("^%x%x%x%x", from)
    return code and tonumber(code, 16) or bad()
  end
  local function str()
    local out, from = {}, at + 1
    while true do
      local i = text:find('[%z\1-\31"\\]', from)
      if not i then bad() end
      out[#out + 1] = text:sub(from, i - 1)
      local char, escape = text:sub(i, i), text:sub(i + 1, i + 1)
      if char == '"' then
        at = i + 1
        return table.concat(out)
      elseif char ~= "\\" then
        bad()
      elseif escapes[escape] then
        out[#out + 1], from = escapes[escape], i + 2
      elseif escape == "u" then
        local code = hex(i + 2)
        from = i + 6
        if code >= 0xd800 and code < 0xdc00 and text:sub(from, from + 1) == "\\u" then
          local low = hex(from + 2)
          if low < 0xdc00 or low > 0xdfff then bad() end
          code, from = 0x10000 + (code - 0xd800) * 1024 + low - 0xdc00, from + 6
        end
        if code >= 0xd800 and code < 0xe000 then bad() end
        out[#out + 1] = utf8(code)
      else
        bad()
      end
    end
  end
  local function number()
    local _, last = text:find("^%-?%d+", at)
    if not last or text:find("^%-?0%d", at) then bad() end
    for _, part in ipairs({{"^%.", "^%.%d+"}, {"^[eE]", "^[eE][+-]?%d+"}}) do
      if text:find(part[1], last + 1) then
        _, last = text:find(part[2], last + 1)
        if not last then bad() end
      end
    end
    local x = tonumber(text:sub(at, last))
    if x - x ~= 0 then bad() end
    at = last + 1
    return x
  end
  local function word(name, x)
    if text:sub(at, at + #name - 1) ~= name then bad() end
    at = at + #name
    return x
  end
  local function each(close, one)
    at = at + 1
    space()
    if take(close) then return end
    repeat
      one()
      space()
      if take(close) then return end
    until not take(",")
    bad()
  end
  function value(depth)
    space()
    local char = text:sub(at, at)
    if char == '"' then return str() end
    if char == "n" then return word("null", nil) end
    if char == "t" then return word("true", true) end
    if char == "f" then return word("false", false) end
    if char:find("^[%d-]") then return number() end
    if char ~= "[" and char ~= "{" then bad() end
    if depth >= 90 then fail("value is nested too deeply") end
    local out = {}
    if char == "[" then
      out[0] = 0
      each("]", function()
        out[out[0] + 1] = item(value(depth + 1))
        out[0] = out[0] + 1
      end)
    else
      each("}", function()
        space()
        if text:sub(at, at) ~= '"' then bad() end
        local name = str()
        space()
        if not take(":") then bad() end
        out[name] = item(value(depth + 1))
      end)
    end
    return out
  end
  local x = value(0)
  space()
  if at <= #text then bad() end
  return x
end
--@ f_num
local function f_num(x)
  if type(x) == "number" then return x end
  if type(x) == "string" and x:find("^%s*[%d.eE+-]+%s*$") then
    x = tonumber(x)
    if x and x - x == 0 then return x end
  end
  return nil
end
--@ f_int_str
local function f_int_str(x)
  if type(x) == "string" then
    x = f_num(x) or fail("int_str needs the text of a number")
  else
    needs(x, "number", "int_str", "number or str")
  end
  return x < 0 and math.ceil(x) or math.floor(x)
end
--@ f_join
local function f_join(parts, separator)
  if type(parts) ~= "table" or not parts[0] then fail("join needs list, not " .. kind(parts)) end
  needs(separator, "string", "join", "str")
  local out = {}
  for i = 1, parts[0] do
    local part = parts[i]
    if type(part) == "number" then part = digits(part) end
    needs(part, "string", "join", "number or str")
    out[i] = part
  end
  return table.concat(out, separator)
end
--@ f_len
local function f_len(x)
  if type(x) == "string" then return points(x) end
  needs(x, "table", "len", "str or list or dict")
  if x[0] then return x[0] end
  local count = 0
  for _ in pairs(x) do count = count + 1 end
  return count
end
--@ f_lower
local function f_lower(x)
  needs(x, "string", "lower", "str")
  return x:lower()
end
--@ f_max
local function f_max(a, b)
  needs(a, "number", "max", "number")
  needs(b, "number", "max", "number")
  return b > a and b or a
end
--@ f_min
local function f_min(a, b)
  needs(a, "number", "min", "number")
  needs(b, "number", "min", "number")
  return b < a and b or a
end
--@ f_keys
local function f_keys(x)
  if type(x) ~= "table" or x[0] then fail("keys needs dict, not " .. kind(x)) end
  return counted(names(x))
end
--@ f_values
local function f_values(x)
  if type(x) ~= "table" or x[0] then fail("values needs dict, not " .. kind(x)) end
  local out = counted(names(x))
  for i, name in ipairs(out) do out[i] = x[name] end
  return out
end
--@ f_range
local function f_range(start, stop, ...)
  local step = 1
  if select("#", ...) > 0 then step = ... end
  needs(start, "number", "range", "number")
  needs(stop, "number", "range", "number")
  needs(step, "number", "range", "number")
  whole(start, "range")
  whole(stop, "range")
  whole(step, "range")
  if step == 0 then fail("range needs a step that is not 0") end
  local count = math.max(math.ceil((stop - start) / step), 0)
  if count > 10000000 then fail("range is too long") end
  local out = {[0] = count}
  for i = 1, count do out[i] = start + (i - 1) * step end
  return out
end
--@ bound
local function bound(x, open, size)
  if x == nil then return open end
  whole(x, "slice")
  if x < 0 then x = x + size end
  return math.max(0, math.min(x, size))
end
--@ f_slice
local function f_slice(x, ...)
  local is_text = type(x) == "string"
  if not is_text and (type(x) ~= "table" or not x[0]) then fail("slice needs str or list, not " .. kind(x)) end
  local bounds = {...}
  for i = 1, select("#", ...) do
    if bounds[i] ~= nil then needs(bounds[i], "number", "slice", "None or number") end
  end
  local size = is_text and points(x) or x[0]
  local start = bound(bounds[1], 0, size)
  local stop = math.max(bound(bounds[2], size, size), start)
  if is_text then return x:sub(before(x, start) + 1, before(x, stop)) end
  local out = {[0] = stop - start}
  for i = start + 1, stop do out[i - start] = x[i] end
  return out
end
--@ user
local function user(name, takes, gives, f)
  return function(...)
    local given = {...}
    for i = 1, select("#", ...) do
      local wanted = takes[i] or takes[#takes]
      if wanted ~= "any value" and not wanted:find(kind(given[i]), 1, true) then
        fail(name .. " needs " .. wanted .. ", not " .. kind(given[i]))
      end
    end
    local value = f(...)
    if gives ~= "any value" and not gives:find(kind(value), 1, true) then
      fail(name .. " gave " .. kind(value) .. ", not " .. gives)
    end
    return value
  end
end
--@ redipy
local redipy = {}
--@ native
local function native(name, f)
  local function plain(x, depth)
    if type(x) ~= "table" then return x end
    if depth >= 90 then fail("value is nested too deeply") end
    local out = {}
    for key, value in pairs(x) do
      if key ~= 0 then out[key] = plain(value, depth + 1) end
    end
    return out
  end
  local function own(x, depth)
    if x == null then return nil end
    if type(x) ~= "table" then
      if x ~= nil and kind(x) == "None" then fail(name .. " gave a " .. type(x)) end
      return x
    end
    if depth >= 90 then fail("value is nested too deeply") end
    local out, count, last = {}, 0, 0
    for key in pairs(x) do
      count = count + 1
      local is_position = type(key) == "number" and key >= 1 and key == math.floor(key)
      last = is_position and last and math.max(last, key)
    end
    if not last then
      for key, value in pairs(x) do out[dict_key(key)] = item(own(value, depth + 1)) end
      return out
    end
    if last > 10 and last > 2 * count then fail(name .. " gave a list with too many gaps") end
    for i = 1, last do out[i] = item(own(x[i], depth + 1)) end
    out[0] = last
    return out
  end
  redipy[name:gsub("^redipy%.", "")] = f
  return function(...)
    local given, count = {...}, select("#", ...)
    for i = 1, count do given[i] = plain(given[i], 0) end
    redis.setresp(2)
    local value = f(unpack(given, 1, count))
    redis.setresp(3)
    return own(value, 0)
  end
end
--@ raw
local raw = native("redis.call", redis.call)
--@ f_split
local function f_split(text, separator)
  needs(text, "string", "split", "str")
  needs(separator, "string", "split", "str")
  if separator == "" then fail("split needs a separator") end
  local out, count, from = {}, 0, 1
  while true do
    local first, last = text:find(separator, from, true)
    count = count + 1
    out[count] = text:sub(from, first and first - 1)
    if not first then break end
    from = last + 1
  end
  out[0] = count
  return out
end
--@ part
local function part(x)
  if type(x) == "string" then return x end
  if type(x) == "number" then return digits(x) end
  fail("strs needs number or str, not " .. kind(x))
end
--@ f_strs
local function f_strs(...)
  local out = {...}
  for i = 1, select("#", ...) do out[i] = part(out[i]) end
  return table.concat(out)
end
--@ quote
local function quote(text)
  return '"' .. text:gsub('[%z\1-\31"\\]', function(char)
    if char == '"' or char == "\\" then return "\\" .. char end
    return string.format("\\u%04x", char:byte())
  end) .. '"'
end
--@ f_to_json
local function f_to_json(x, depth)
  local t = type(x)
  if t == "string" then return quote(x) end
  if t == "number" then return digits(x) end
  if t == "boolean" then return tostring(x) end
  if t ~= "table" then return "null" end
  depth = depth or 0
  if depth >= 90 then fail("value is nested too deeply") end
  local out = {}
  if x[0] then
    for i = 1, x[0] do out[i] = f_to_json(x[i], depth + 1) end
    return "[" .. table.concat(out, ",") .. "]"
  end
  for i, name in ipairs(names(x)) do out[i] = quote(name) .. ":" .. f_to_json(x[name], depth + 1) end
  return "{" .. table.concat(out, ",") .. "}"
end
--@ f_to_str
local function f_to_str(x)
  if type(x) == "number" then return digits(x) end
  if type(x) == "table" then fail("to_str needs None or bool or number or str, not " .. kind(x)) end
  return tostring(x)
end
--@ lib
local lib = {}
--@ lib.check
function lib.check(name, ...)
  local given = {...}
  for i = 1, select("#", ...) do
    local t = type(given[i])
    if t ~= "number" and t ~= "string" then fail(name .. " needs number or str, not " .. kind(given[i])) end
  end
end
--@ lib.number
function lib.number(x, name)
  if type(x) == "string" then return f_num(x) or fail(name .. " needs the text of a number") end
  return x
end
--@ lib.numbers
function lib.numbers(name, ...)
  lib.check(name, ...)
  local out = {...}
  for i = 1, #out do out[i] = lib.number(out[i], name) end
  return out
end
--@ lib.text
function lib.text(x)
  if type(x) == "number" then return digits(x) end
  return x
end
--@ lib.position
function lib.position(x, default, name)
  if x == nil then return default end
  x = lib.number(x, name)
  whole(x, name)
  return math.max(-1e9, math.min(x, 1e9))
end
--@ lib.math_abs
function lib.math_abs(x)
  lib.check("math.abs", x)
  return math.abs(lib.number(x, "math.abs"))
end
--@ lib.math_ceil
function lib.math_ceil(x)
  lib.check("math.ceil", x)
  return math.ceil(lib.number(x, "math.ceil"))
end
--@ lib.math_floor
function lib.math_floor(x)
  lib.check("math.floor", x)
  return math.floor(lib.number(x, "math.floor"))
end
--@ lib.math_fmod
function lib.math_fmod(a, b)
  lib.check("math.fmod", a, b)
  a, b = lib.number(a, "math.fmod"), lib.number(b, "math.fmod")
  if b == 0 then fail("division by zero") end
  return math.fmod(a, b)
end
--@ lib.math_max
function lib.math_max(...)
  local given = lib.numbers("math.max", ...)
  local largest = given[1]
  for i = 2, #given do
    if given[i] > largest then largest = given[i] end
  end
  return largest
end
--@ lib.math_min
function lib.math_min(...)
  local given = lib.numbers("math.min", ...)
  local smallest = given[1]
  for i = 2, #given do
    if given[i] < smallest then smallest = given[i] end
  end
  return smallest
end
--@ lib.math_sqrt
function lib.math_sqrt(x)
  lib.check("math.sqrt", x)
  x = lib.number(x, "math.sqrt")
  if x < 0 then fail("math.sqrt needs a number that is not negative") end
  return math.sqrt(x)
end
--@ lib.string_byte
function lib.string_byte(...)
  lib.check("string.byte", ...)
  local text, first, last = ...
  text = lib.text(text)
  first = lib.position(first, 1, "string.byte")
  last = lib.position(last, first, "string.byte")
  if first < 0 then first = first + #text + 1 end
  if last < 0 then last = last + #text + 1 end
  first = math.max(first, 1)
  if first <= math.min(last, #text) then return (text:byte(first)) end
end
--@ lib.string_char
function lib.string_char(...)
  local given, out = lib.numbers("string.char", ...), {}
  for i = 1, #given do
    local code = given[i]
    if code ~= math.floor(code) or code < 0 or code > 255 then
      fail("string.char needs whole numbers from 0 to 255")
    end
    out[i] = string.char(code)
  end
  return table.concat(out)
end
--@ lib.string_len
function lib.string_len(x)
  lib.check("string.len", x)
  return #lib.text(x)
end
--@ lib.string_lower
function lib.string_lower(x)
  lib.check("string.lower", x)
  return lib.text(x):lower()
end
--@ lib.string_rep
function lib.string_rep(text, count)
  lib.check("string.rep", text, count)
  text = lib.text(text)
  count = math.max(lib.position(count, 0, "string.rep"), 0)
  if #text * count > 67108864 then fail("string.rep is too long") end
  if text == "" then return text end
  return text:rep(count)
end
--@ lib.string_reverse
function lib.string_reverse(x)
  lib.check("string.reverse", x)
  return lib.text(x):reverse()
end
--@ lib.string_sub
function lib.string_sub(...)
  lib.check("string.sub", ...)
  local text, first, last = ...
  text = lib.text(text)
  first = lib.position(first, 1, "string.sub")
  last = lib.position(last, -1, "string.sub")
  return text:sub(first, last)
end
--@ lib.string_upper
function lib.string_upper(x)
  lib.check("string.upper", x)
  return lib.text(x):upper()
end
--@ lib.type_str
function lib.type_str(x)
  return type(x)
end
--@ f_upper
local function f_upper(x)
  needs(x, "string", "upper", "str")
  return x:upper()
end
--@ log_text
local function log_text(x)
  if type(x) == "string" then return x end
  return f_to_json(x)
end
--@ members
local function members(r)
  if r.set then return counted(names(r.set)) end
  table.sort(r, below)
  return counted(r)
end
--@ natural
local function natural(r)
  if type(r) ~= "table" then return r end
  if r.ok then
    if r.ok == "OK" then return true end
    return r.ok
  end
  if r.double then return r.double end
  if r.big_number then return r.big_number end
  if r.verbatim_string then return r.verbatim_string.string end
  if r.set then return members(r) end
  if r.map then
    local out = {}
    for name, x in pairs(r.map) do out[dict_key(natural(name))] = item(natural(x)) end
    return out
  end
  local count = #r
  for i = 1, count do r[i] = item(natural(r[i])) end
  r[0] = count
  return r
end
--@ items
local function items(r, count)
  for i = 1, count do r[i] = item(natural(r[i])) end
  r[0] = count
  return r
end
--@ fields
local function fields(...)
  local r, asked, out = call(...), {...}, {}
  for i = 3, #asked do out[asked[i]] = item(r[i - 2]) end
  return out
end
--@ valued
local valued = {EX = true, PX = true, EXAT = true, PXAT = true, IFEQ = true, IFNE = true, IFDEQ = true, IFDNE = true}
--@ stored
local function stored(...)
  local r, given, at = call(...), {...}, 4
  while given[at] do
    local option = given[at]:upper()
    if option == "GET" then return r end
    at = at + (valued[option] and 2 or 1)
  end
  return r ~= nil
end
--@ bools
local function bools(r)
  for i = 1, #r do r[i] = r[i] ~= 0 end
  return counted(r)
end
--@ scored
local function scored(r)
  if type(r) ~= "table" or type(r[2]) ~= "table" or not r[2].double then return natural(r) end
  local out, count = {}, 0
  for i = 1, #r, 2 do
    count = count + 1
    out[count] = {[0] = 2, r[i], r[i + 1].double}
  end
  out[0] = count
  return out
end
--@ type_name
local function type_name(r)
  if r.ok ~= "none" then return r.ok end
end
--@ seconds
local function seconds(r)
  if r == -1 then return -1 end
  if r ~= -2 then return r / 1000 end
end
--@ number_of
local function number_of(r)
  if type(r) == "string" then return f_num(r) end
  return natural(r)
end
--@ lists
local function lists(x)
  if type(x) ~= "table" then return x end
  local count = #x
  if count > 0 then
    x[count], x[0] = nil, count - 1
    for i = 1, count - 1 do lists(x[i]) end
  else
    for _, inner in pairs(x) do lists(inner) end
  end
  return x
end
--@ decode
local function decode(a)
  local tag, rest = a:sub(1, 1), a:sub(2)
  if tag == "s" then return rest end
  if tag == "n" then return tonumber(rest) end
  if tag == "j" then return lists(cjson.decode(rest)) end
  if tag == "t" then return true end
  if tag == "f" then return false end
end
--@ pack
local function pack(x, depth, sorted)
  local t = type(x)
  if t == "number" then
    if x == math.floor(x) and math.abs(x) < 9223372036854775808 then return x end
    return {ok = digits(x)}
  end
  if t == "boolean" then return {ok = tostring(x)} end
  if t ~= "table" then return x end
  if not depth then
    local done, out = pcall(pack, x, 0)
    if done then return out end
    return pack(x, 0, true)
  end
  if depth >= 90 then fail("value is nested too deeply") end
  local out, count = {x[0] and 0 or 1}, 1
  if x[0] then
    for i = 1, x[0] do out[i + 1] = pack(x[i], depth + 1, sorted) end
    return out
  end
  local function put(name, inner)
    out[count + 1], out[count + 2] = name, pack(inner, depth + 1, sorted)
    count = count + 2
  end
  if sorted then
    for _, name in ipairs(names(x)) do put(name, x[name]) end
  else
    for name, inner in pairs(x) do put(name, inner) end
  end
  return out
end
