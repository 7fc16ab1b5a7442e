package io.javisor.emulator.mmu;

/** Who wants to hear of writes to pages, because code was made from them. Called on the vCPU's thread; allocates nothing. */
public interface WriteWatch {
    /** Nobody does. */
    WriteWatch NONE = new WriteWatch() {
        @Override
        public boolean isWatched(long pageGpa) {
            return false;
        }

        @Override
        public void written(long gpa, int size) {}
    };

    /** Whether writes to this page must be told: it gets no write tag then. */
    boolean isWatched(long pageGpa);

    /** {@code size} bytes from {@code gpa}, within a page, were written or are about to be. Told only of watched pages. */
    void written(long gpa, int size);
}
