package io.javisor.gdb;

import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.memory.GuestMemory;
import java.util.Arrays;
import java.util.OptionalLong;

/** RAM by linear addresses, through the page tables of a parked vCPU. Device memory is not touched: reading it may change it. */
final class LinearMemory {
    private static final int PAGE_SIZE = 4096;

    private final EngineVcpu vcpu;
    private final GuestMemory memory;

    LinearMemory(EngineVcpu vcpu, GuestMemory memory) {
        this.vcpu = vcpu;
        this.memory = memory;
    }

    /** Reads up to {@code size} bytes: as many as are there. */
    byte[] read(long linear, int size) {
        byte[] bytes = new byte[size];
        int done = 0;
        while (done < size) {
            int part = part(linear + done, size - done);
            OptionalLong gpa = ram(linear + done, part);
            if (gpa.isEmpty()) {
                break;
            }
            memory.copyOut(gpa.getAsLong(), bytes, done, part);
            done += part;
        }
        return Arrays.copyOf(bytes, done);
    }

    /**
     * Writes all of {@code bytes} or nothing.
     *
     * @return whether all of it is there
     */
    boolean write(long linear, byte[] bytes) {
        for (int done = 0; done < bytes.length; ) {
            int part = part(linear + done, bytes.length - done);
            if (ram(linear + done, part).isEmpty()) {
                return false;
            }
            done += part;
        }
        for (int done = 0; done < bytes.length; ) {
            int part = part(linear + done, bytes.length - done);
            memory.copyIn(bytes, done, ram(linear + done, part).orElseThrow(), part);
            done += part;
        }
        return true;
    }

    /** What of the next {@code left} bytes is on one page. */
    private static int part(long linear, int left) {
        return (int) Math.min(left, PAGE_SIZE - (linear & (PAGE_SIZE - 1)));
    }

    private OptionalLong ram(long linear, int size) {
        OptionalLong gpa = vcpu.translate(linear);
        return gpa.isPresent() && memory.isRam(gpa.getAsLong(), size) ? gpa : OptionalLong.empty();
    }
}
