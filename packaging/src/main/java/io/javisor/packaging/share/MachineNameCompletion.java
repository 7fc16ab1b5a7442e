package io.javisor.packaging.share;

import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The names of a user's machines in completion files. The shell reads them itself, as the links that they are in the state directory: to ask
 * javisor takes longer than a key press may.
 */
final class MachineNameCompletion {
    private static final String PARAMETER = "NAME"; // of the commands for machines, the first one
    private static final String DIRECTORY = "\"${XDG_STATE_HOME:-$HOME/.local/state}/javisor\"";
    private static final String NONE = "    local positionals=\"\"\n";

    private MachineNameCompletion() {}

    /** Whether an argument of a command is a machine's name. */
    static boolean complete(ArgSpec argument) {
        return argument.isPositional()
                && (argument.paramLabel().equals(PARAMETER)
                        || argument.paramLabel().startsWith(PARAMETER + "|"));
    }

    /** picocli's script for bash, which offers nothing for such arguments, with the names. */
    static String inBash(String script, CommandSpec program) {
        String result = script;
        for (CommandSpec command : Texts.commands(program)) {
            if (command.positionalParameters().stream().anyMatch(MachineNameCompletion::complete)) {
                String start = "function _picocli_" + program.name() + "_" + command.name() + "() {\n";
                int function = result.indexOf(start);
                int line = result.indexOf(NONE, function);
                if (function < 0 || line < 0 || line > result.indexOf("\n}\n", function)) {
                    throw new IllegalStateException("picocli writes completion of " + command.name() + " otherwise");
                }
                result = result.substring(0, line)
                        + "    local positionals=$(find " + DIRECTORY
                        + " -maxdepth 1 -type l -printf '%f\\n' 2>/dev/null)\n"
                        + result.substring(line + NONE.length());
            }
        }
        return result;
    }

    /** An action of {@code _arguments}: the names of links, without their directory. */
    static String inZsh() {
        return "{local -a machines; machines=(" + DIRECTORY + "/*(N@:t)); compadd -a machines}";
    }
}
