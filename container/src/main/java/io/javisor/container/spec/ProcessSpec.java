package io.javisor.container.spec;

import java.util.List;
import java.util.stream.Stream;

/**
 * A process of a container: its first, or one that is started later.
 *
 * @param entrypoint the program and its first arguments
 * @param command what follows, or the program too
 * @param environment each {@code NAME=VALUE}, no name twice
 * @param directory an absolute path; "" is {@code /}
 * @param user {@code USER[:GROUP]}, names of the image or numbers; "" is root
 * @param groups further ones, names or numbers
 * @param terminal whether it has one, in the place of three streams
 * @param input whether its standard input stays open for who attaches to it
 * @param privileges what it may do
 * @param init whether a process of the agent's is the container's process 1; of the first process alone
 */
public record ProcessSpec(
        List<String> entrypoint,
        List<String> command,
        List<String> environment,
        String directory,
        String user,
        List<String> groups,
        boolean terminal,
        boolean input,
        PrivilegesSpec privileges,
        boolean init) {
    public ProcessSpec {
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        groups = List.copyOf(groups);
    }

    /** The program and all its arguments. */
    public List<String> arguments() {
        return Stream.concat(entrypoint.stream(), command.stream()).toList();
    }
}
