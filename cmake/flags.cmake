# SPDX-License-Identifier: GPL-3.0-or-later
# Warnings, hardening and sanitizers that every target is compiled with.
add_library(outstation_flags INTERFACE)
target_compile_options(outstation_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror
  -fstack-protector-strong -fno-omit-frame-pointer)
target_include_directories(outstation_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(outstation_flags INTERFACE OUTSTATION_VERSION="${PROJECT_VERSION}")

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|aarch64")
  target_compile_options(outstation_flags INTERFACE -fstack-clash-protection)
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(outstation_flags INTERFACE -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  target_compile_options(outstation_flags INTERFACE -mbranch-protection=standard)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(outstation_flags INTERFACE -ftrivial-auto-var-init=zero)
endif()

if(OUTSTATION_SANITIZE)
  target_compile_options(outstation_flags INTERFACE -fsanitize=${OUTSTATION_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(outstation_flags INTERFACE -fsanitize=${OUTSTATION_SANITIZE})
else()
  target_compile_definitions(outstation_flags INTERFACE _GLIBCXX_ASSERTIONS)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_options(outstation_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  target_link_options(outstation_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed)
endif()
# libFuzzer follows the code that a target drives only where that code counts its branches, too.
if(OUTSTATION_FUZZ)
  target_compile_options(outstation_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(outstation_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
include(CheckPIESupported)
check_pie_supported()
# Asserts stay on in release builds: they guard our own invariants, never input.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
