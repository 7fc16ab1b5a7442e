package io.javisor.cli;

import io.javisor.cli.config.Settings;
import io.javisor.cli.container.ContainerCommands;
import io.javisor.cli.image.ImageCommands;
import io.javisor.core.text.Printable;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/** The process's entry. */
public final class Main {
    private static final List<String> COMMANDS = List.of(
            "run", "create", "exec", "attach", "port", "ps", "console", "logs", "stop", "start", "restart", "kill",
            "pause", "resume", "unpause", "wait", "rm", "rename", "inspect", "stats", "events", "resize", "pull",
            "push", "images", "rmi", "tag", "save", "load", "history", "image", "system", "login", "logout", "api",
            "doctor", "machine", "help");

    /** What the JVM makes of bytes of an argument that it can't decode. */
    private static final char REPLACEMENT = '\ufffd';

    private Main() {}

    /** Runs the command line and exits with its status. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs the command line. Returns the exit status. */
    static int run(String... arguments) {
        for (String argument : arguments) {
            if (argument.indexOf(REPLACEMENT) >= 0) {
                return refuseBytes(argument);
            }
        }
        try {
            MachineOptions plain = PlainArguments.read(arguments);
            if (plain != null) {
                return RunCommand.runPlain(plain);
            }
            StandardOutput output = StandardOutput.install();
            CommandLine commandLine = commandLine(arguments);
            return output.statusOf(commandLine.execute(arguments), commandLine.getErr());
        } catch (Error e) { // which neither picocli nor a command handles
            return ErrorMessages.report(e, new PrintWriter(System.err, true, System.err.charset()), false);
        }
    }

    private static int refuseBytes(String argument) {
        System.err.println("javisor: '" + Printable.of(argument)
                + "' has bytes that are no text in the locale's encoding, so a file of that name"
                + " can't be opened; rename it, or give a link to it");
        return ExitStatus.OWN_ERROR;
    }

    /**
     * The command line for these arguments. Where the first of them is a command, no class of another one is loaded; else all
     * commands are there, for help, suggestions and completion.
     */
    static CommandLine commandLine(String... arguments) {
        CommandLine commandLine = new CommandLine(new JavisorCommand());
        boolean known = arguments.length > 0 && !arguments[0].equals("help") && COMMANDS.contains(arguments[0]);
        for (String name : known ? List.of(arguments[0]) : COMMANDS) {
            commandLine.addSubcommand(name, name.equals("run") ? runCommand(known, arguments) : command(name));
        }
        setVersion(commandLine);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setExecutionStrategy(JavisorCommand::execute);
        commandLine.setParameterExceptionHandler(ErrorMessages::onBadArguments);
        commandLine.setExecutionExceptionHandler(ErrorMessages::onFailure);
        return commandLine;
    }

    /** picocli does not hand it down. */
    private static void setVersion(CommandLine command) {
        command.getCommandSpec().versionProvider(new VersionProvider());
        command.getSubcommands().values().forEach(Main::setVersion);
    }

    /** A machine's, or a container's if there is an image among the arguments; with the options of both for help and completion. */
    private static Object runCommand(boolean known, String... arguments) {
        List<String> own = known ? List.of(arguments).subList(1, arguments.length) : List.of();
        if (own.stream().anyMatch(word -> !word.startsWith("-"))
                && ContainerCommands.hasImage(own, Settings.valuedOptions())) {
            return ContainerCommands.run(new ContainerPlace(), Settings.valuedOptions());
        }
        CommandLine machine = RunCommand.commandLine();
        if (!known || own.contains("--help") || own.contains("-h")) {
            ContainerCommands.addForHelp(machine.getCommandSpec());
        } else if (own.stream().anyMatch(word -> isUnknown(machine, word))) {
            ContainerCommands.addToRefuse(machine.getCommandSpec());
        }
        return machine;
    }

    private static boolean isUnknown(CommandLine command, String word) {
        int equals = word.indexOf('=');
        return word.startsWith("-")
                && !command.getCommandSpec().optionsMap().containsKey(equals < 0 ? word : word.substring(0, equals));
    }

    private static Object command(String name) {
        return switch (name) {
            case "create", "exec", "attach", "port" -> ContainerCommands.of(name, new ContainerPlace());
            case "ps" -> new PsCommand();
            case "console" -> new ConsoleCommand();
            case "api" -> new ApiCommand();
            case "logs" -> new LogsCommand();
            case "stop" -> new StopCommand();
            case "start" -> new StartCommand();
            case "restart" -> new RestartCommand();
            case "kill" -> new KillCommand();
            case "pause" -> new PauseCommand();
            case "resume" -> new ResumeCommand();
            case "unpause" -> new CommandLine(new ResumeCommand()).setCommandName(name);
            case "wait" -> new WaitCommand();
            case "rm" -> new RmCommand();
            case "rename" -> new RenameCommand();
            case "inspect" -> new InspectCommand();
            case "stats" -> new StatsCommand();
            case "events" -> new EventsCommand();
            case "resize" -> new ResizeCommand();
            case MachineCommand.NAME -> new MachineCommand();
            case "pull",
                    "push",
                    "images",
                    "rmi",
                    "tag",
                    "save",
                    "load",
                    "history",
                    "image",
                    "system",
                    "login",
                    "logout" -> ImageCommands.of(name);
            case "doctor" -> new DoctorCommand();
            case "help" -> new HelpCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
