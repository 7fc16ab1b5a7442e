package io.javisor.cli;

import io.javisor.manager.Instance;
import io.javisor.manager.Instances;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The machines that a command names: something is done with each, and one that fails does not keep it from the others. */
final class NamedMachines {
    /** What is done with a machine. */
    interface Action {
        /** Throws what says why it can't be done. */
        void apply(Instance machine) throws InterruptedException;
    }

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "The machines and containers.")
    private List<String> names = List.of();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Tells the user of a machine, if there is something to tell. */
    void say(Instance machine, Optional<String> what) {
        PrintWriter err = spec.commandLine().getErr();
        what.ifPresent(
                words -> err.println("javisor: " + machine.entry().kind() + " '" + machine.name() + "' " + words));
        err.flush();
    }

    /** Prints the names of those with which it was done; says of the others why not. Returns the exit status. */
    int each(Action action) throws InterruptedException {
        CommandLine command = spec.commandLine();
        PrintWriter out = command.getOut();
        Instances instances = MachineLaunch.instances();
        int status = ExitStatus.POWER_OFF;
        for (String name : names.stream().distinct().toList()) {
            try {
                action.apply(instances.find(name));
                out.println(name);
                out.flush();
            } catch (RuntimeException e) {
                status = ErrorMessages.report(e, command.getErr(), ErrorMessages.isVerbose(command));
            }
        }
        return status;
    }
}
