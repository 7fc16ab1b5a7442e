package io.javisor.cli.image;

import picocli.CommandLine;

/** The commands for images, by their names. */
public final class ImageCommands {
    private ImageCommands() {}

    /**
     * The object that picocli makes a command of. No other command's class is loaded, but by {@code image}, which has them all below it.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static Object of(String name) {
        return of(name, Surroundings.ofProcess());
    }

    static Object of(String name, Surroundings around) {
        return switch (name) {
            case "pull" -> new PullCommand(around);
            case "push" -> new PushCommand(around);
            case "images" -> new ImagesCommand(around);
            case "rmi" -> new RmiCommand(around);
            case "tag" -> new TagCommand(around);
            case "save" -> new SaveCommand(around);
            case "load" -> new LoadCommand(around);
            case "history" -> new HistoryCommand(around);
            case "login" -> new LoginCommand(around);
            case "logout" -> new LogoutCommand(around);
            case "image" -> image(around);
            case "system" -> new CommandLine(new GroupCommand.OfSystem()).addSubcommand(new DfCommand(around));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static CommandLine image(Surroundings around) {
        return new CommandLine(new GroupCommand.OfImage())
                .addSubcommand("ls", named("ls", new ImagesCommand(around)), "list")
                .addSubcommand(new ImageInspectCommand(around))
                .addSubcommand(new HistoryCommand(around))
                .addSubcommand(new PullCommand(around))
                .addSubcommand(new PushCommand(around))
                .addSubcommand(new TagCommand(around))
                .addSubcommand("rm", named("rm", new RmiCommand(around)), "remove")
                .addSubcommand(new PruneCommand(around))
                .addSubcommand(new SaveCommand(around))
                .addSubcommand(new LoadCommand(around));
    }

    /** A command that has another name here. */
    private static CommandLine named(String name, Object command) {
        CommandLine named = new CommandLine(command);
        named.setCommandName(name);
        return named;
    }
}
