package io.javisor.core.engine;

/** Where an engine writes the lines of a trace. Any thread; it never fails: what it can't keep it drops. */
public interface TraceSink {
    /** Takes a line, without its end; the text may change afterwards. */
    void line(CharSequence text);

    /** Shows what came so far to whoever reads the trace. Cheap where there is nothing new. */
    void flush();
}
