package io.javisor.cli;

import io.javisor.api.http.ControlException;
import io.javisor.core.host.HostException;
import io.javisor.core.text.Printable;
import io.javisor.images.ImageException;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.StartException;
import io.javisor.oci.OciException;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns what went wrong into one line on standard error; the stack trace is for {@code --verbose}. */
final class ErrorMessages {
    private ErrorMessages() {}

    /** The arguments themselves are wrong. */
    static int onBadArguments(ParameterException problem, String[] arguments) {
        print(problem.getCommandLine().getErr(), "javisor: " + BadArguments.line(problem));
        return ExitStatus.OWN_ERROR;
    }

    /** A command failed. What can't be done with an image has the status that the command says, which is docker's. */
    static int onFailure(Exception failure, CommandLine command, ParseResult parsed) {
        int status = report(failure, command.getErr(), isVerbose(command));
        return failure instanceof OciException ? command.getCommandSpec().exitCodeOnExecutionException() : status;
    }

    /** Says on {@code err} why something failed. Returns the exit status. */
    static int report(Throwable failure, PrintWriter err, boolean verbose) {
        print(err, "javisor: " + line(failure));
        if (verbose) {
            failure.printStackTrace(err);
            err.flush();
        }
        return failure instanceof StartException start ? start.status() : ExitStatus.OWN_ERROR;
    }

    /** What went wrong, in one line. */
    static String line(Throwable failure) {
        boolean expected = failure instanceof ConfigException
                || failure instanceof ImageException
                || failure instanceof OciException
                || failure instanceof ControlException
                || failure instanceof HostException;
        String text = failure.getMessage();
        String message = Printable.line(text == null ? failure.toString() : text);
        return expected
                ? message
                : "internal error, please report it: " + failure.getClass().getSimpleName() + ": " + message
                        + " (--verbose shows where)";
    }

    static boolean isVerbose(CommandLine command) {
        CommandLine top = command;
        while (top.getParent() != null) {
            top = top.getParent();
        }
        return ((JavisorCommand) top.getCommand()).verbose;
    }

    private static void print(PrintWriter err, String line) {
        err.println(line);
        err.flush();
    }

    static String firstLower(String message) {
        // Not for a word that is written in capitals, as a name.
        return message.length() > 1 && Character.isLowerCase(message.charAt(1))
                ? message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1)
                : message;
    }
}
