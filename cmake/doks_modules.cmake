# Modules and their tests: one call each, so that every module is built under the same rules.
#
#   doks_module(NAME SOURCES ... [LINK ...] [PCH ...])   object library doks_NAME from lib/NAME
#   doks_test(NAME SOURCES ... [LINK ...] [PCH ...])  doctest executable test_NAME, registered with ctest

find_program(DOKS_CCACHE ccache)
if(DOKS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${DOKS_CCACHE}")
endif()

# What every translation unit of this project is compiled with; consumers of the package see none of it.
add_library(doks_rules INTERFACE)
target_compile_features(doks_rules INTERFACE cxx_std_20)
# Asio's hook asio_handler_allocate returns memory, or with this definition nothing, under one name: an archive that calls the
# hook would crash in a program that is compiled with the definition.
target_compile_definitions(doks_rules INTERFACE BOOST_ASIO_NO_DEPRECATED)
target_compile_options(doks_rules INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wimplicit-fallthrough)
if(DOKS_WERROR)
  target_compile_options(doks_rules INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A false positive at coroutine frames, which Asio allocates and frees by functions of its own.
  target_compile_options(doks_rules INTERFACE -Wno-mismatched-new-delete)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False positives of GCC 12's flow analysis in the standard library and Boost at -O2.
  target_compile_options(doks_rules INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-array-bounds
                                              -Wno-stringop-overflow)
endif()
if(DOKS_SANITIZE STREQUAL "address")
  target_compile_options(doks_rules INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(doks_rules INTERFACE -fsanitize=address,undefined)
elseif(DOKS_SANITIZE STREQUAL "thread")
  # Asio's fences are not understood by TSan; GCC warns at each.
  target_compile_options(doks_rules INTERFACE -fsanitize=thread $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  target_link_options(doks_rules INTERFACE -fsanitize=thread)
elseif(DOKS_SANITIZE)
  message(FATAL_ERROR "DOKS_SANITIZE is '${DOKS_SANITIZE}'; it takes 'address' or 'thread'")
endif()

function(doks_subdirectory_if_present folder)
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt")
    add_subdirectory("${folder}")
  endif()
endfunction()

function(doks_apply_rules target)
  cmake_parse_arguments(arg "" "" "LINK;PCH" ${ARGN})
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
                                       PRIVATE "${PROJECT_SOURCE_DIR}/lib")
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:doks_rules> ${arg_LINK})
  if(arg_PCH)
    target_precompile_headers(${target} PRIVATE ${arg_PCH})
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
endfunction()

function(doks_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;PCH" ${ARGN})
  add_library(doks_${name} OBJECT ${arg_SOURCES})
  set_target_properties(doks_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  doks_apply_rules(doks_${name} LINK ${arg_LINK} PCH ${arg_PCH})
endfunction()

# Tests share their options and the headers that test/CMakeLists.txt precompiles, unless they bring their own headers.
function(doks_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;PCH" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(test_${name} ${arg_SOURCES} $<TARGET_OBJECTS:doks_test_main>)
  doks_apply_rules(test_${name} LINK ${arg_LINK} doctest::doctest PCH ${arg_PCH})
  target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/test")
  target_link_libraries(test_${name} PRIVATE doks_test_options)
  if(NOT arg_PCH)
    target_precompile_headers(test_${name} REUSE_FROM doks_test_precompiled)
    target_compile_options(test_${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()
