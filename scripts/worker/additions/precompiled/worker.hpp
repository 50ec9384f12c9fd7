/**
 * What nearly every file of the worker includes, read once instead of a hundred and fifty times. Nothing of mediasoup's
 * own, whose headers depend on macros that each source file sets first.
 */
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <ankerl/unordered_dense.h>
#include <flatbuffers/flatbuffers.h>
#include <openssl/ssl.h>
#include <uv.h>

// By way of these all the messages between Node.js and the worker.
#include "FBS/message.h"
#include "FBS/notification.h"
#include "FBS/request.h"
#include "FBS/response.h"
