package io.javisor.cli.image;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands that have others below them, and do nothing themselves. */
final class GroupCommand {
    private GroupCommand() {}

    /** {@code javisor image}. */
    @Command(
            name = "image",
            description = "Lists, gets, shows, sends and removes container images.",
            synopsisSubcommandLabel = "COMMAND",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true)
    static final class OfImage implements Runnable {
        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public void run() {
            throw missing(spec, "ls");
        }
    }

    /** {@code javisor system}. */
    @Command(
            name = "system",
            description = "Shows what container images take of the disk.",
            synopsisSubcommandLabel = "COMMAND",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true)
    static final class OfSystem implements Runnable {
        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public void run() {
            throw missing(spec, "df");
        }
    }

    private static ParameterException missing(CommandSpec spec, String one) {
        return new ParameterException(
                spec.commandLine(), "missing command; try '" + spec.qualifiedName() + " " + one + "'");
    }
}
