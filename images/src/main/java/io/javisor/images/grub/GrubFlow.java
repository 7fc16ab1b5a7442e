package io.javisor.images.grub;

import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a script leaves its way: {@code break}, {@code continue}, {@code return}, {@code boot}, and what the two change of its arguments. */
final class GrubFlow {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    private final GrubVariables variables;
    private final GrubUnknowns unknowns;
    private int loops;
    private int breaks;
    private boolean continues;
    private boolean returning;
    private boolean inFunction;
    private boolean ended;
    private boolean booted;

    GrubFlow(GrubVariables variables, GrubUnknowns unknowns) {
        this.variables = variables;
        this.unknowns = unknowns;
    }

    /** As if nothing had run. */
    void begin() {
        loops = 0;
        breaks = 0;
        returning = false;
        inFunction = false;
        ended = false;
        booted = false;
    }

    /** Nothing that is written behind the last command runs. */
    void end() {
        ended = true;
    }

    /** By what is loaded. */
    void boot() {
        booted = true;
        ended = true;
    }

    boolean hasBooted() {
        return booted;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Whether the next command is left out. */
    boolean isLeaving() {
        return ended || returning || breaks > 0;
    }

    /** Whether a loop ends after a round. */
    boolean leavesLoop() {
        if (breaks == 1 && continues) {
            breaks = 0;
        }
        return isLeaving();
    }

    GrubStatus loop(Supplier<GrubStatus> rounds) {
        loops++;
        GrubStatus status = rounds.get();
        breaks -= breaks > 0 ? 1 : 0;
        loops--;
        return status;
    }

    GrubStatus call(Supplier<GrubStatus> function) {
        int outerLoops = loops;
        boolean outer = inFunction;
        loops = 0;
        inFunction = true;
        GrubStatus status = function.get();
        returning = false;
        inFunction = outer;
        loops = outerLoops;
        return status;
    }

    /** Lines that GRUB takes one by one. */
    GrubStatus outsideOfFunctions(Supplier<GrubStatus> lines) {
        boolean outer = inFunction;
        inFunction = false;
        GrubStatus status = lines.get();
        inFunction = outer;
        return status;
    }

    /** Null if {@code command} is none of these. Throws {@link GrubUnclear} without file and line. */
    @Nullable
    GrubStatus run(String command, List<String> arguments) {
        return switch (command) {
            case "break", "continue" -> leaveLoop(command, arguments);
            case "return" -> leaveFunction(arguments);
            case "shift" -> shift(arguments);
            case "setparams" -> {
                boolean scope = variables.arguments() != null;
                if (scope) {
                    variables.arguments(arguments);
                }
                yield GrubStatus.of(scope);
            }
            default -> null;
        };
    }

    private GrubStatus leaveLoop(String command, List<String> arguments) {
        String count = arguments.isEmpty() ? "1" : arguments.getFirst();
        if (arguments.size() > 1 || !NUMBER.matcher(count).matches() || Integer.parseInt(count) == 0) {
            return GrubStatus.FALSE;
        }
        breaks = Math.min(loops, Integer.parseInt(count));
        continues = command.equals("continue");
        return GrubStatus.TRUE;
    }

    private GrubStatus leaveFunction(List<String> arguments) {
        if (variables.arguments() == null || arguments.size() > 1) {
            return GrubStatus.FALSE;
        }
        if (!inFunction) {
            // GRUB goes on with the next line.
            throw new GrubUnclear("'return' outside of a function");
        }
        String status = arguments.isEmpty() ? variables.get("?") : arguments.getFirst();
        String doubt = unknowns.reason(status);
        if (doubt == null && !NUMBER.matcher(status).matches()) {
            return GrubStatus.FALSE;
        }
        returning = true;
        return doubt != null ? GrubStatus.unknown(doubt) : GrubStatus.of(Integer.parseInt(status) == 0);
    }

    private GrubStatus shift(List<String> arguments) {
        List<String> given = variables.arguments();
        if (given == null) {
            return GrubStatus.TRUE;
        }
        String doubt = unknowns.reason(given);
        if (doubt != null) {
            throw new GrubUnclear("'shift' with arguments that are not known");
        }
        String count = arguments.isEmpty() ? "1" : arguments.getFirst();
        if (arguments.size() > 1 || !NUMBER.matcher(count).matches() || Integer.parseInt(count) > given.size()) {
            return GrubStatus.FALSE;
        }
        variables.arguments(given.subList(Integer.parseInt(count), given.size()));
        return GrubStatus.TRUE;
    }
}
