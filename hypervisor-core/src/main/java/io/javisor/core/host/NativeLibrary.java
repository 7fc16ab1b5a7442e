package io.javisor.core.host;

import com.kenai.jffi.Library;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A shared library whose bytes are at hand, out of a jar for one. It is loaded from a memory file that has no name: nothing is unpacked to a
 * directory, where another user could change it, where it would be left behind, or whose file system may hold no programs. It stays loaded.
 */
public final class NativeLibrary {
    private static final int TEXT_MAX = 255;
    private static final AtomicInteger LOADED = new AtomicInteger();

    private final Library library;

    private NativeLibrary(Library library) {
        this.library = library;
    }

    /**
     * Loads one.
     *
     * @param name for messages and {@code /proc/self/maps}
     * @throws UnsatisfiedLinkError if the host does not allow it, or it is no library for it
     */
    public static NativeLibrary load(String name, byte[] content) {
        try (Fd file = Fd.own("memfd_create(" + name + ")", Libc.memfdCreate(name, HostConstants.MFD_CLOEXEC));
                Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(content.length).copyFrom(MemorySegment.ofArray(content));
            long done = 0;
            while (done < content.length) {
                done += Libc.check("write(" + name + ")", (int)
                        Libc.write(file.value(), bytes.address() + done, content.length - done));
            }
            // A name of its own: to dlopen(3) one that it knows is the library that had it, though the descriptor is
            // another file's by now.
            String path = "/proc/self/fd/" + "./".repeat(LOADED.incrementAndGet()) + file.value();
            Library library = Library.openLibrary(path, Library.NOW | Library.LOCAL);
            if (library == null) {
                throw new UnsatisfiedLinkError(name + ": " + Library.getLastError());
            }
            return new NativeLibrary(library);
        } catch (HostException e) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(String.valueOf(e.getMessage()));
            error.initCause(e);
            throw error;
        }
    }

    /**
     * Calls a function of integers and addresses.
     *
     * @param arguments up to four; what is at an address must stay there meanwhile
     * @return the low half of it, for a function that returns an {@code int}
     * @throws UnsatisfiedLinkError if there is none of that name
     */
    public long call(String function, long... arguments) {
        CFunction callee = CFunction.of(library, function, arguments.length);
        return switch (arguments.length) {
            case 0 -> callee.call();
            case 1 -> callee.call(arguments[0]);
            case 2 -> callee.call(arguments[0], arguments[1]);
            case 3 -> callee.call(arguments[0], arguments[1], arguments[2]);
            case 4 -> callee.call(arguments[0], arguments[1], arguments[2], arguments[3]);
            default -> throw new IllegalArgumentException(arguments.length + " arguments");
        };
    }

    /**
     * Calls a function that returns a string of its own, such as an error's name.
     *
     * @return its characters, up to 255
     */
    public String text(String function, long argument) {
        long address = call(function, argument);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < TEXT_MAX; i++) {
            byte character = Libc.segmentAt(address + i, 1).get(ValueLayout.JAVA_BYTE, 0);
            if (character == 0) {
                break;
            }
            text.append((char) (character & 0xFF));
        }
        return text.toString();
    }
}
