package io.javisor.cli;

import io.javisor.cli.logging.LogFormat;
import io.javisor.cli.logging.LogLevel;
import io.javisor.cli.logging.LogLevels;
import io.javisor.cli.logging.LogSettings;
import io.javisor.cli.logging.Logging;
import io.javisor.machine.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code javisor}: the command that {@link Main} hangs the others on. */
@Command(
        name = "javisor",
        description = "Runs virtual machines, by Linux KVM or by an engine of its own.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class JavisorCommand implements Runnable {
    private static final String LOG_LEVEL = "--log-level";

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Log more, as --log-level debug does; show the stack trace of an error.")
    boolean verbose;

    @Option(
            names = LOG_LEVEL,
            scope = ScopeType.INHERIT,
            paramLabel = LogLevels.SYNTAX,
            description =
                    "Log nothing less: off, error, warn (the default), info, debug or trace; of one module (api, cli,"
                        + " core, devices, firmware, machine, manager, oci, or a logger's full name) or of all. May be"
                        + " repeated.")
    @SuppressWarnings("UnusedVariable") // see logging(ParseResult)
    private List<String> logLevels = List.of();

    @Option(
            names = "--log-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "Log to the end of this file instead of standard error. At 8 MiB it becomes FILE.1.")
    private @Nullable Path logFile;

    @Option(
            names = "--log-format",
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            description = "Log as text (the default), or as json: an object a line.")
    private LogFormat logFormat = LogFormat.TEXT;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Runs the command that was given last, with the log as the options want it. */
    static int execute(ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        CommandLine top = parsed.commandSpec().commandLine();
        LogSettings wanted = ((JavisorCommand) top.getCommand()).logging(parsed);
        if (!wanted.equals(Logging.settings())) {
            try {
                Logging.set(wanted);
            } catch (ConfigException e) {
                throw new ExecutionException(top, String.valueOf(e.getMessage()), e);
            }
        }
        return new RunLast().execute(parsed);
    }

    private LogSettings logging(ParseResult parsed) {
        // What was given before the command and what after it: picocli keeps the latter only.
        List<String> levels = new ArrayList<>();
        CommandLine last = spec.commandLine();
        for (ParseResult part = parsed; part != null; part = part.subcommand()) {
            OptionSpec given = part.matchedOption(LOG_LEVEL);
            levels.addAll(given == null ? List.of() : given.stringValues());
            last = part.commandSpec().commandLine();
        }
        try {
            LogLevel base = verbose ? LogLevel.DEBUG : LogLevel.WARN;
            return new LogSettings(LogLevels.parse(base, levels), logFile, logFormat);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(last, LOG_LEVEL + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command; try 'javisor run' or 'javisor --help'");
    }
}
