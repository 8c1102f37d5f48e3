# Run by the build: what the program says about its own command line, as files to install.
foreach(shell IN ITEMS bash zsh fish)
  execute_process(COMMAND "${PROGRAM}" completion ${shell} OUTPUT_FILE "${FOLDER}/doks.${shell}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND "${PROGRAM}" man --out "${FOLDER}/man1" COMMAND_ERROR_IS_FATAL ANY)
