# Installs doks, builds the consumer against the installation in three build types with each compiler, runs it, and has every
# setting that differs from the archive's refused at link time. The version that the consumer asks for is the README's.
function(run)
  execute_process(COMMAND ${ARGN} TIMEOUT 300 RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "exit status ${status}: ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(configure compiler)
  run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${consumer}" -G "Ninja Multi-Config"
      "-DCMAKE_CXX_COMPILER=${compiler}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
      "-DCMAKE_PREFIX_PATH=${SCRATCH}/prefix" "-DVERSION=${version}")
endfunction()

function(use_asio)
  foreach(type IN ITEMS Debug RelWithDebInfo Release)
    run("${CMAKE_COMMAND}" --build "${consumer}" --config ${type} --target uses_asio uses_asio_NO_DEPRECATED)
    foreach(program IN ITEMS uses_asio uses_asio_NO_DEPRECATED)
      run("${consumer}/${type}/${program}")
      message("${name} ${type} ${program}: ${output}")
    endforeach()
  endforeach()
endfunction()

# Each build fails by the name of what differs, and by nothing else that is undefined.
function(refuse_mismatches)
  foreach(archive IN ITEMS doks sim)
    run("${CMAKE_COMMAND}" --build "${consumer}" --config Debug --target match_${archive})
    foreach(setting IN ITEMS BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_ENABLE_HANDLER_TRACKING BOOST_ASIO_HAS_IO_URING_AS_DEFAULT
                             BOOST_ASIO_DISABLE_THREADS BOOST_ASIO_DISABLE_EPOLL BOOST_ASIO_DISABLE_EVENTFD BOOST_ASIO_NO_TYPEID
                             BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE
                             BOOST_ASIO_ENABLE_BUFFER_DEBUGGING GLIBCXX_DEBUG boost)
      string(REPLACE BOOST_ASIO_ "" target "${setting}")
      execute_process(COMMAND "${CMAKE_COMMAND}" --build "${consumer}" --config Debug --target ${target}_${archive}
                      RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
      if(status EQUAL 0 OR NOT output MATCHES "undefined (reference|symbol)[^\n]*doks::abi::built_with_${setting}")
        message(FATAL_ERROR "a program with another ${setting} did not fail at link time (doks::${archive}):\n${output}")
      endif()
    endforeach()
  endforeach()
endfunction()

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../../README.md" readme REGEX "^find_package\\(doks ")
if(NOT readme MATCHES "^find_package\\(doks ([0-9.]+) REQUIRED\\)$")
  message(FATAL_ERROR "the README has no line find_package(doks VERSION REQUIRED): ${readme}")
endif()
set(version "${CMAKE_MATCH_1}")

file(REMOVE_RECURSE "${SCRATCH}/prefix")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${SCRATCH}/prefix")
foreach(compiler IN LISTS COMPILERS)
  cmake_path(GET compiler FILENAME name)
  set(consumer "${SCRATCH}/${name}")
  configure("${compiler}")
  use_asio()
endforeach()
refuse_mismatches()

run("${CMAKE_COMMAND}" --build "${consumer}" --config Debug --target namespaces)
run("${consumer}/Debug/namespaces")
message("${output}")
if(NOT output MATCHES "^200 .*kube-system")
  message(FATAL_ERROR "the cluster's front did not list its namespaces")
endif()
