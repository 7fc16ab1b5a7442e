package io.javisor.cli.image;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the commands have in common about what they are given. */
final class Arguments {
    private static final String DEFAULT_TAG = "latest";

    private Arguments() {}

    /** @throws ParameterException in one line */
    static Platform platform(CommandSpec spec, String text) {
        try {
            return Platform.parse(text);
        } catch (OciException e) {
            throw wrong(spec, "--platform: " + e.getMessage(), e);
        }
    }

    /** @throws ParameterException in one line */
    static ListFormat format(CommandSpec spec, String text, String usual, Set<String> fields) {
        try {
            return ListFormat.parse(text, usual, fields);
        } catch (IllegalArgumentException e) {
            throw wrong(spec, "--format: " + e.getMessage(), e);
        }
    }

    static ParameterException wrong(CommandSpec spec, String message, Throwable cause) {
        return new ParameterException(spec.commandLine(), message, cause);
    }

    /** Whether the tag of a name is docker's choice, which is said then. */
    static boolean hasDefaultTag(String text, Reference name) {
        return name.digest().isEmpty()
                && name.tag().orElse("").equals(DEFAULT_TAG)
                && !text.endsWith(":" + DEFAULT_TAG);
    }

    /** Does something with each of several, and says of those with which it fails why. Returns the exit status. */
    static int each(CommandSpec spec, List<String> names, Consumer<String> action) {
        int status = Statuses.DONE;
        for (String name : names) {
            try {
                action.accept(name);
            } catch (OciException e) {
                complain(spec, e);
                status = Statuses.FAILED;
            }
        }
        return status;
    }

    /** One line on standard error. */
    static void complain(CommandSpec spec, OciException problem) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("javisor: " + Printable.line(String.valueOf(problem.getMessage())));
        err.flush();
    }
}
