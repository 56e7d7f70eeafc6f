# SPDX-License-Identifier: GPL-3.0-or-later
# The four kinds of target. Dependencies are PRIVATE unless listed after PUBLIC.

# outstation_library(NAME SOURCES a.cpp... [PUBLIC targets...] [PRIVATE targets...]); the target is outstation_NAME.
function(outstation_library name)
  cmake_parse_arguments(A "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(outstation_${name} STATIC ${A_SOURCES})
  target_link_libraries(outstation_${name} PUBLIC outstation_flags ${A_PUBLIC} PRIVATE ${A_PRIVATE})
  outstation_precompile(outstation_${name})
endfunction()

# The target "installed" is every program that a box gets.
add_custom_target(installed)

# outstation_daemon(NAME SOURCES ... LINK targets...): the target NAME, an executable bin/outstation-NAME.
function(outstation_daemon name)
  cmake_parse_arguments(A "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME outstation-${name})
  target_link_libraries(${name} PRIVATE outstation_flags ${A_LINK})
  add_dependencies(installed ${name})
endfunction()

# Optimising the code of a test takes longer than running it as it is; what it tests is optimised.
function(outstation_test_options name)
  if(OUTSTATION_SANITIZE)
    target_compile_options(${name} PRIVATE -O0)
  else()
    target_compile_options(${name} PRIVATE -O1)
  endif()
endfunction()

# outstation_test(NAME SOURCES ... LINK targets... [LABELS unit] [TIMEOUT s]): a GoogleTest program, one ctest entry.
# Tests of code that runs on several threads have the label "threads" as well: TSan runs those. Tests of what another
# machine may do differently (word order, sign of char, instructions, memory order) have the label "machine": emulation does.
function(outstation_test name)
  if(NOT OUTSTATION_TESTS)
    return()
  endif()
  cmake_parse_arguments(A "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT A_LABELS)
    set(A_LABELS unit)
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 800)
  endif()
  if(CMAKE_CROSSCOMPILING)  # emulated
    math(EXPR A_TIMEOUT "5 * ${A_TIMEOUT}")
  endif()
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE outstation_flags ${A_LINK} GTest::gtest GTest::gtest_main)
  outstation_test_options(${name})
  outstation_precompile(${name})
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${A_LABELS}" TIMEOUT ${A_TIMEOUT})
endfunction()

# outstation_fuzzer(NAME SOURCE f.cpp LINK targets... CORPUS dir): with OUTSTATION_FUZZ a libFuzzer program whose test tries the
# same inputs each time (the search for new ones is tests/fuzz/decoders.py); otherwise a program that replays the corpus once.
# CORPUS is relative to the source root.
function(outstation_fuzzer name)
  if(NOT OUTSTATION_TESTS)
    return()
  endif()
  cmake_parse_arguments(A "" "SOURCE;CORPUS" "LINK" ${ARGN})
  if(OUTSTATION_FUZZ)
    add_executable(${name} ${A_SOURCE})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${A_SOURCE} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()
  target_link_libraries(${name} PRIVATE outstation_flags ${A_LINK})
  if(OUTSTATION_FUZZ)
    # libFuzzer writes what it finds into the first of the folders: an empty one each time, never the corpus of the tree.
    set(found ${CMAKE_BINARY_DIR}/fuzz/${name})
    add_test(NAME ${name} COMMAND sh -c "rm -rf ${found} && mkdir -p ${found} && exec \"$@\"" fuzz
             $<TARGET_FILE:${name}> -seed=1 -runs=20000 -max_total_time=10 -timeout=20 -rss_limit_mb=512
             -print_final_stats=1 -artifact_prefix=${CMAKE_BINARY_DIR}/fuzz/ ${found} ${PROJECT_SOURCE_DIR}/${A_CORPUS})
  else()
    add_test(NAME ${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/${A_CORPUS})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 600)
endfunction()
