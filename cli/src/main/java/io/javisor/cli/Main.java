package io.javisor.cli;

import picocli.CommandLine;

/** The process's entry. */
public final class Main {
    private Main() {}

    /** Runs the command line and exits with its status. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new JavisorCommand());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(ErrorMessages::onBadArguments);
        commandLine.setExecutionExceptionHandler(ErrorMessages::onFailure);
        return commandLine;
    }
}
