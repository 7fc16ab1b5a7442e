package io.javisor.gdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A client's breakpoints. An engine has one kind of them; GDB asks for two and wants its own back. */
final class Breakpoints {
    static final int SOFTWARE = 0;
    static final int HARDWARE = 1;

    private final int most;
    private final Set<Long> software = new TreeSet<>();
    private final Set<Long> hardware = new TreeSet<>();

    Breakpoints(int most) {
        this.most = most;
    }

    /** Adds one, which may be there; false if there is no room. */
    boolean add(int type, long linear) {
        boolean isNew = of(type).add(linear);
        if (all().size() > most) {
            of(type).remove(linear);
            return false;
        }
        return isNew || of(type).contains(linear);
    }

    void remove(int type, long linear) {
        of(type).remove(linear);
    }

    void clear() {
        software.clear();
        hardware.clear();
    }

    /** Their linear addresses, each once. */
    List<Long> all() {
        Set<Long> all = new TreeSet<>(software);
        all.addAll(hardware);
        return new ArrayList<>(all);
    }

    /** What a stop reply says of a stop at {@code linear}; may be nothing. */
    String reason(long linear) {
        if (software.contains(linear)) {
            return "swbreak:;";
        }
        return hardware.contains(linear) ? "hwbreak:;" : "";
    }

    private Set<Long> of(int type) {
        return type == SOFTWARE ? software : hardware;
    }
}
