//! Our hot paths measured beside rivals; not published
