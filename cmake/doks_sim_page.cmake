# Run by the build: the help of doks-sim as a man page to install.
execute_process(COMMAND "${PROGRAM}" --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${PROGRAM}" --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\\" "\\e" help "${help}")
string(REPLACE "-" "\\-" help "${help}")
file(WRITE "${PAGE}" ".TH DOKS\\-SIM 1 \"\" \"${version}\" \"User Commands\"\n.nh\n.SH NAME\n"
  "doks\\-sim \\- simulator of DigitalOcean's Kubernetes API\n.SH SYNOPSIS\n"
  "\\fBdoks\\-sim\\fR [\\fIOPTION\\fR...] [\\-\\- \\fICOMMAND\\fR...]\n.SH DESCRIPTION\n.nf\n${help}.fi\n.SH SEE ALSO\n.BR doks (1)\n")
