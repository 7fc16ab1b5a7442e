package io.javisor.gdb;

import io.javisor.core.engine.DebugRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The vCPUs as GDB's threads, which count from 1, and which of them a client means. */
final class Threads {
    /** What a vCPU is to do. */
    enum Action {
        STAY,
        STEP,
        CONTINUE
    }

    /** What each vCPU is to do. */
    record Actions(List<Action> each) {
        Actions {
            each = List.copyOf(each);
        }

        /** What to ask of each; null for one that stays. */
        List<@Nullable DebugRequest> requests(List<Long> breakpoints) {
            List<@Nullable DebugRequest> requests = new ArrayList<>();
            for (Action action : each) {
                requests.add(action == Action.STAY ? null : new DebugRequest(action == Action.STEP, breakpoints));
            }
            return requests;
        }
    }

    private static final String ALL = "-1";
    private static final String ANY = "0";

    private final int count;
    private int current;
    private Actions last;

    Threads(int count) {
        this.count = count;
        last = all();
    }

    static String id(int vcpu) {
        return Integer.toHexString(vcpu + 1);
    }

    String ids() {
        return IntStream.range(0, count).mapToObj(Threads::id).collect(Collectors.joining(","));
    }

    /** The vCPU that is looked at. */
    int current() {
        return current;
    }

    void stoppedAt(int vcpu) {
        current = vcpu;
    }

    /** Whether the vCPU was to make one step. */
    boolean steps(int vcpu) {
        return last.each().get(vcpu) == Action.STEP;
    }

    boolean isOne(String id) {
        long value = Values.number(id);
        return value >= 1 && value <= count;
    }

    int index(String id) {
        if (!isOne(id)) {
            throw new BadPacketException("no thread " + id);
        }
        return Values.count(id) - 1;
    }

    /** {@code H}, without it: {@code g} or {@code c} and a thread. */
    boolean choose(String text) {
        if (text.isEmpty()) {
            return false;
        }
        String id = text.substring(1);
        return switch (text.charAt(0)) {
            case 'g' -> {
                if (!id.equals(ALL) && !id.equals(ANY)) {
                    current = index(id);
                }
                yield true;
            }
            case 'c' -> id.equals(ALL) || id.equals(ANY) || isOne(id);
            default -> false;
        };
    }

    Actions all() {
        return of(Action.CONTINUE, Action.CONTINUE);
    }

    /** The packets {@code c} and {@code s} of clients without vCont, and those with a signal, which a guest knows nothing of. */
    Actions old(String text) {
        boolean signal = text.charAt(0) < 'a';
        String rest = text.substring(1);
        if (signal) {
            int _ = Values.count(rest);
        } else if (!rest.isEmpty()) {
            throw new BadPacketException("go on at " + rest + "; set rip instead");
        }
        return remember(
                of(Character.toLowerCase(text.charAt(0)) == 's' ? Action.STEP : Action.CONTINUE, Action.CONTINUE));
    }

    private Actions of(Action currentOne, Action others) {
        Action[] each = new Action[count];
        Arrays.fill(each, others);
        each[current] = currentOne;
        return new Actions(List.of(each));
    }

    /** {@code vCont;}, without it: actions, of which the first that fits a thread is taken. */
    Actions actions(String text) {
        Action[] each = new Action[count];
        for (String word : text.split(";", -1)) {
            String[] parts = word.split(":", -1);
            Action action =
                    switch (parts[0].isEmpty() ? ' ' : parts[0].charAt(0)) {
                        case 'c', 'C' -> Action.CONTINUE;
                        case 's', 'S' -> Action.STEP;
                        default -> throw new BadPacketException("no action: " + word);
                    };
            if (parts.length == 1 || parts[1].equals(ALL)) {
                for (int i = 0; i < count; i++) {
                    each[i] = each[i] == null ? action : each[i];
                }
            } else {
                int index = parts[1].equals(ANY) ? current : index(parts[1]);
                each[index] = each[index] == null ? action : each[index];
            }
        }
        boolean some = false;
        for (int i = 0; i < count; i++) {
            some |= each[i] != null;
            each[i] = each[i] == null ? Action.STAY : each[i];
        }
        if (!some) {
            throw new BadPacketException("nobody is to go on");
        }
        return remember(new Actions(List.of(each)));
    }

    private Actions remember(Actions actions) {
        last = actions;
        return actions;
    }
}
