#pragma once

#include "sim/program/signal_queue.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace doks::sim::program {

/** Environment variables by name. */
using environment = std::map<std::string, std::string>;

/** The environment of this process. */
environment process_environment();

/** A command could not be started. */
class command_error : public std::runtime_error
{
public:
    command_error(const std::string& command, int error);

    /** 127 if there is no such program, else 126, as shells have it. */
    int status() const { return status_; }

private:
    int status_;
};

/** A process that runs a command; it inherits none of the simulator's sockets and files. */
class command
{
public:
    /** Looks the program up in PATH, and starts it with the signal mask that was before `signals`.

        Errors: command_error.
    */
    command(std::vector<std::string> arguments, const environment& variables, const signal_queue& signals);

    /** Waits for the command's end, and passes on the signals that are sent to this process meanwhile.

        A signal of the terminal (Ctrl-C) is not passed on: the terminal sends it to the command as well.
        @return the exit status, or 128 plus the number of the signal that killed the command
    */
    int wait(const signal_queue& signals);

private:
    int id_ = -1;
};

}
