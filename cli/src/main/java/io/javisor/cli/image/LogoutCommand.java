package io.javisor.cli.image;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor logout}. */
@Command(
        name = "logout",
        description = "Forgets the user's name and password for a registry.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class LogoutCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "SERVER",
            arity = "0..1",
            description = "The registry: HOST[:PORT] (default: ${DEFAULT-VALUE}).",
            defaultValue = Servers.DEFAULT)
    private String server = Servers.DEFAULT;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    LogoutCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        String registry = Servers.host(server);
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                around.credentials().erase(registry)
                        ? "Removing login credentials for " + registry
                        : "Not logged in to " + registry);
        out.flush();
        return Statuses.DONE;
    }
}
