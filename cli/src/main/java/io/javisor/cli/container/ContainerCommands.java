package io.javisor.cli.container;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The commands for containers, by their names. */
public final class ContainerCommands {
    private ContainerCommands() {}

    /**
     * The object that picocli makes a command of.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static Object of(String name, ContainerHost host) {
        return switch (name) {
            case "create" -> CreateCommand.commandLine(host);
            case "exec" -> ExecCommand.commandLine(host);
            case "attach" -> new AttachCommand(host);
            case "port" -> new PortCommand(host);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /**
     * {@code run} of an image.
     *
     * @param machineOptions those of a machine that have a value: they are refused, but for those that a container has too
     */
    public static CommandLine run(ContainerHost host, Set<String> machineOptions) {
        CommandLine run = RunCommand.commandLine(host);
        CommandSpec command = run.getCommandSpec();
        for (String name : machineOptions) {
            if (!command.optionsMap().containsKey(name) && !name.startsWith("--log-")) {
                refuse(command, new String[] {name}, true, " is of a machine, and goes without an image");
            }
        }
        return run;
    }

    private static void refuse(CommandSpec command, String[] names, boolean valued, String why) {
        command.addOption(OptionSpec.builder(names)
                .type(valued ? List.class : Boolean.class)
                .auxiliaryTypes(valued ? String.class : Boolean.class)
                .arity(valued ? "1" : "0")
                .hidden(true)
                .setter(new ISetter() {
                    @Override
                    public <T> T set(T value) {
                        if (value != null) {
                            throw new ParameterException(command.commandLine(), names[names.length - 1] + why);
                        }
                        return value;
                    }
                })
                .build());
    }

    /** Adds to a machine's {@code run} what containers have, to be refused in a line that says why. */
    public static void addToRefuse(CommandSpec run) {
        for (OptionSpec option : own().options()) {
            if (isFree(run, option)) {
                refuse(
                        run,
                        option.names(),
                        option.arity().min() > 0,
                        " goes with an image: javisor run [OPTIONS] IMAGE");
            }
        }
    }

    private static CommandSpec own() {
        return RunCommand.commandLine(NoHost.INSTANCE).getCommandSpec();
    }

    private static boolean isFree(CommandSpec command, OptionSpec option) {
        return Stream.of(option.names()).noneMatch(command.optionsMap()::containsKey);
    }

    /**
     * Whether {@code run}'s arguments have an image, and so are a container's: the first that is neither an option nor an option's value.
     *
     * @param machineOptions those of a machine that have a value
     */
    public static boolean hasImage(List<String> arguments, Set<String> machineOptions) {
        CommandSpec options = own();
        Set<String> valued = new HashSet<>(machineOptions);
        for (OptionSpec option : options.options()) {
            if (option.arity().min() > 0) {
                valued.addAll(List.of(option.names()));
            }
        }
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                return i + 1 < arguments.size();
            }
            if (!argument.startsWith("-") || argument.equals("-")) {
                return true;
            }
            if (takesNext(argument, valued)) {
                i++;
            }
        }
        return false;
    }

    private static boolean takesNext(String argument, Set<String> valued) {
        if (argument.startsWith("--")) {
            return valued.contains(argument);
        }
        // -it, -itm 1g: the first that has a value has the rest of the word, or the next one.
        for (int i = 1; i < argument.length(); i++) {
            if (valued.contains("-" + argument.charAt(i))) {
                return i == argument.length() - 1;
            }
        }
        return false;
    }

    /** Adds what containers have to a machine's {@code run}, for its help. */
    public static void addForHelp(CommandSpec run) {
        for (OptionSpec option : own().options()) {
            if (isFree(run, option)) {
                run.addOption(OptionSpec.builder(option).required(false).build());
            }
        }
        run.usageMessage()
                .customSynopsis("javisor run [OPTIONS]", "       javisor run [OPTIONS] IMAGE [COMMAND...]")
                .description("Boots a guest; its serial console is on standard input and output. With an IMAGE: runs a"
                        + " container of it, whose options come last here.");
    }
}
