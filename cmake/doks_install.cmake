# `cmake --install`: headers, archives, and the package behind find_package(doks).
include(CMakePackageConfigHelpers)

set(doks_package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/doks")
set(doks_installed doks)
if(TARGET doks_sim)
  list(APPEND doks_installed doks_sim)
endif()
foreach(target IN LISTS doks_installed)
  string(REPLACE doks_ "" name ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
endforeach()

install(TARGETS ${doks_installed} EXPORT doks_targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT doks_targets NAMESPACE doks:: DESTINATION "${doks_package_folder}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/doks" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN *.hpp)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/doksConfig.cmake.in" "${PROJECT_BINARY_DIR}/doksConfig.cmake"
                              INSTALL_DESTINATION "${doks_package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/doksConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/doksConfig.cmake" "${PROJECT_BINARY_DIR}/doksConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/Findlibyaml.cmake" DESTINATION "${doks_package_folder}")
