package io.javisor.cli.image;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import io.javisor.oci.registry.Credentials;
import io.javisor.oci.registry.Registries;
import java.io.Console;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor login}. */
@Command(
        name = "login",
        description =
                "Keeps a user's name and password for a registry, after asking the registry whether they are right.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class LoginCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "SERVER",
            arity = "0..1",
            description = "The registry: HOST[:PORT] (default: ${DEFAULT-VALUE}).",
            defaultValue = Servers.DEFAULT)
    private String server = Servers.DEFAULT;

    @Option(
            names = {"-u", "--username"},
            paramLabel = "NAME",
            description = "The user's name.")
    private @Nullable String username;

    @Option(names = "--password-stdin", description = "Read the password from standard input.")
    private boolean fromInput;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    LoginCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        if (fromInput && username == null) {
            throw new ParameterException(spec.commandLine(), "--password-stdin goes with --username NAME");
        }
        String registry = Servers.host(server);
        Credentials.Login login = fromInput ? piped() : asked();
        Credentials credentials = around.credentials();
        try (Registries registries = around.registries(credentials)) {
            registries.checkLogin(registry, login);
        }
        String place = credentials.store(registry, login);
        if (place.startsWith("/")) { // no helper's name
            PrintWriter err = spec.commandLine().getErr();
            err.println("javisor: WARNING! Your credentials are stored unencrypted in '" + Printable.line(place) + "'");
            err.flush();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("Login Succeeded");
        out.flush();
        return Statuses.DONE;
    }

    private Credentials.Login piped() {
        String secret = Input.all(around.input());
        if (secret.isEmpty()) {
            throw new OciException("the password on standard input is empty");
        }
        return new Credentials.Login(String.valueOf(username), secret);
    }

    private Credentials.Login asked() {
        Console console = around.inputIsTerminal().getAsBoolean() ? System.console() : null;
        if (console == null) {
            throw new OciException(
                    "Cannot perform an interactive login from a non TTY device; give --username and --password-stdin");
        }
        String name = username == null ? console.readLine("Username: ") : username;
        char[] secret = console.readPassword("Password: ");
        if (name == null || name.isBlank() || secret == null || secret.length == 0) {
            throw new OciException("username and password can't be empty");
        }
        return new Credentials.Login(name.strip(), new String(secret));
    }
}
