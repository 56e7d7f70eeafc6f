# SPDX-License-Identifier: GPL-3.0-or-later
# With OUTSTATION_PRECOMPILED the headers that most files include are parsed once for all libraries and once for all
# tests. The release preset has it off: that build shows that every file includes what it uses.
set(precompiled_headers
  <algorithm> <array> <charconv> <chrono> <cstdint> <cstdlib> <cstring> <deque> <filesystem> <fstream> <functional>
  <iostream> <map> <memory> <mutex> <optional> <random> <set> <span> <sstream> <string> <string_view> <thread>
  <unordered_map> <utility> <variant> <vector> <tl/expected.hpp> <fmt/format.h>)

# outstation_precompile(NAME): the library or test NAME is compiled with the headers above. A compiler refuses headers that
# were compiled with other options: libraries share one set, tests another.
function(outstation_precompile name)
  if(NOT OUTSTATION_PRECOMPILED)
    return()
  endif()
  get_target_property(type ${name} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set(holder outstation_precompiled_test)
  else()
    set(holder outstation_precompiled)
  endif()
  target_compile_definitions(${name} PRIVATE FMT_SHARED)  # as fmt::fmt has it
  target_precompile_headers(${name} REUSE_FROM ${holder})
endfunction()

# precompiled_holder(NAME [LINK targets...] HEADERS headers...): a target without code that owns compiled headers.
function(precompiled_holder name)
  cmake_parse_arguments(A "" "" "LINK;HEADERS" ${ARGN})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE outstation_flags fmt::fmt ${A_LINK})
  target_precompile_headers(${name} PRIVATE ${A_HEADERS})
  # ccache: the compiled headers are the same whenever they are made.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
endfunction()

if(OUTSTATION_PRECOMPILED)
  precompiled_holder(outstation_precompiled HEADERS ${precompiled_headers})
  if(OUTSTATION_TESTS)
    precompiled_holder(outstation_precompiled_test LINK GTest::gtest HEADERS ${precompiled_headers} <gtest/gtest.h>)
    set_target_properties(outstation_precompiled_test PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(outstation_precompiled_test PRIVATE -fPIE)
    outstation_test_options(outstation_precompiled_test)
  endif()
endif()
