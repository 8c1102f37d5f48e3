# libfyaml ships a pkg-config file and no CMake package: finds it either way and offers libfyaml::libfyaml.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_LIBFYAML QUIET libfyaml)
endif()
find_path(LIBFYAML_INCLUDE_DIR libfyaml.h HINTS ${PC_LIBFYAML_INCLUDE_DIRS})
find_library(LIBFYAML_LIBRARY fyaml HINTS ${PC_LIBFYAML_LIBRARY_DIRS})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libfyaml REQUIRED_VARS LIBFYAML_LIBRARY LIBFYAML_INCLUDE_DIR
                                  VERSION_VAR PC_LIBFYAML_VERSION)
if(libfyaml_FOUND AND NOT TARGET libfyaml::libfyaml)
  add_library(libfyaml::libfyaml UNKNOWN IMPORTED)
  set_target_properties(libfyaml::libfyaml PROPERTIES IMPORTED_LOCATION "${LIBFYAML_LIBRARY}"
                                                      INTERFACE_INCLUDE_DIRECTORIES "${LIBFYAML_INCLUDE_DIR}")
endif()
mark_as_advanced(LIBFYAML_INCLUDE_DIR LIBFYAML_LIBRARY)
